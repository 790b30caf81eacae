import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { runCommand } from '../../src/localstack/run-command.ts';
import { docker, inProject } from './engine.ts';
import { buildStandIn, STAND_IN_LABEL } from './stand-ins.ts';

/** The images that Dockerfile and compose file begin with. */
function baseImages(): readonly string[] {
  const dockerfile = readFileSync(inProject('Dockerfile'), 'utf8');
  const compose = readFileSync(inProject('docker-compose.yml'), 'utf8');
  const named = [...dockerfile.matchAll(/^ARG \w+_IMAGE=(\S+)$/gm), ...compose.matchAll(/^ +image: (\S+)$/gm)];
  return named.map(([, image = '']) => image).filter((image) => image !== 'verdictflow:local');
}

const DIGEST = /@sha256:[0-9a-f]{64}/g;

export type Provided = ReadonlyMap<string, 'present' | 'pulled' | 'stand-in'>;

/** Brings each base image: the one that is there, else the registry's, else a stand-in under its name. Says which it was. */
export async function provideBaseImages(): Promise<Provided> {
  const provided = new Map<string, 'present' | 'pulled' | 'stand-in'>();
  for (const image of baseImages()) {
    if ((await runCommand('docker', ['image', 'inspect', image])).code === 0) provided.set(image, 'present');
    else if ((await runCommand('docker', ['pull', '--quiet', image], { timeoutMs: 300_000 })).code === 0) provided.set(image, 'pulled');
    else {
      await buildStandIn(image.replace(DIGEST, ''));
      provided.set(image, 'stand-in');
    }
  }
  return provided;
}

/** Path of Dockerfile or compose file; of a copy without digests if there are stand-ins, which can bear none. */
export async function fileFor(provided: Provided, name: 'Dockerfile' | 'docker-compose.yml'): Promise<string> {
  const path = inProject(name);
  const text = readFileSync(path, 'utf8');
  if (![...provided.values()].includes('stand-in') || !text.includes('@sha256:')) return path;
  const copy = inProject(`.local/without-digests-${name}`);
  await writeFile(copy, text.replaceAll(DIGEST, ''));
  return copy;
}

/** A stand-in that stayed would be taken for the real image by whoever asks for it next. */
export async function removeStandIns(): Promise<void> {
  const ids = await docker('images', '--quiet', '--filter', `label=${STAND_IN_LABEL}`);
  if (ids !== '') await docker('rmi', '--force', ...new Set(ids.split('\n')));
}
