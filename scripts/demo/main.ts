import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defined } from '../../src/domain/defined.ts';
import type { Engine } from '../../src/localstack/engine.ts';
import { freePorts } from '../../src/localstack/free-port.ts';
import { makeRunDir } from '../../src/localstack/run-dir.ts';
import { type LocalStack, startLocalStack } from '../../src/localstack/stack.ts';
import type { Row } from './board.ts';
import type { Role } from './cast.ts';
import { DEMO_HELP, type DemoOptions, parseDemoOptions } from './options.ts';
import { openScreen } from './screen.ts';
import { startRole } from './service.ts';
import { demoDayMs, demoSettings } from './settings.ts';
import { summarize } from './summary.ts';
import { submitAll } from './traffic.ts';
import { watch } from './watch.ts';

const localDir = fileURLToPath(new URL('../../.local', import.meta.url));
/** A verification ends with its window; this much more for starting and emitting. */
const PATIENCE_MS = 30_000;

type Running = { stack?: LocalStack; engines: Engine[]; exitCode?: number };

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function run(options: DemoOptions, running: Running): Promise<boolean> {
  const startedAtMs = Date.now();
  // Kept until the next start: its logs explain a failure.
  const demoDir = await makeRunDir(localDir);
  const stack = await startLocalStack({ dir: localDir, ui: true, log: say });
  running.stack = stack;
  const emulatorLog = join(demoDir, 'vendor-requests.ndjson');
  const [emulatorPort = 0] = await freePorts(1);
  const dayMs = demoDayMs();
  const settings = demoSettings({
    kafkaBrokers: stack.kafkaBrokers,
    temporalAddress: stack.temporalAddress,
    emulatorPort,
    emulatorLog,
    dayMs,
    ...defined({ temporalUiUrl: stack.temporalUiUrl }),
  });
  for (const role of ['emulator', 'all']) {
    running.engines.push(await startRole(role, { settings, logPath: join(demoDir, `${role}.log`) }));
    say(`${role === 'all' ? 'verdictflow' : 'FaceID emulator'} is up (log: ${join(demoDir, `${role}.log`)})`);
  }
  const envFile = join(demoDir, 'env');
  await writeFile(
    envFile,
    Object.entries(settings)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
  );
  say(
    `\nsubmitting ${options.tokens} tokens; a day of the vendor lasts ${dayMs / 1_000} s here${stack.temporalUiUrl === undefined ? '' : `; watch them at ${stack.temporalUiUrl}`}\n`,
  );
  const ok = await play(options, { settings, emulatorLog, dayMs });
  say(`\n${((Date.now() - startedAtMs) / 1_000).toFixed(0)} s in all`);
  if (options.once) return ok;
  if (stack.temporalUiUrl !== undefined) say(`\nTemporal UI    ${stack.temporalUiUrl}/namespaces/default/workflows`);
  say(`command line   set -a; . ${envFile}; set +a; npx verdictflow list\n\nCtrl-C stops everything.`);
  running.exitCode = ok ? 0 : 1;
  // The engines alone do not keep this process running.
  setInterval(() => undefined, 60_000);
  return await new Promise<never>(() => undefined);
}

async function play(
  options: DemoOptions,
  source: { readonly settings: Readonly<Record<string, string>>; readonly emulatorLog: string; readonly dayMs: number },
): Promise<boolean> {
  const rows = new Map<string, Row>();
  const roles: Role[] = [];
  const screen = openScreen({ total: options.tokens, startedAtMs: Date.now() });
  const watching = await watch(rows, source.settings);
  const redraw = setInterval(() => screen.show([...rows.values()]), 250);
  await submitAll(options.tokens, { settings: source.settings, rows, onRole: (role) => void roles.push(role) });
  const deadlineMs = Date.now() + source.dayMs + PATIENCE_MS;
  while ([...rows.values()].some(({ outcome }) => outcome === '') && Date.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, 100));
  clearInterval(redraw);
  screen.close([...rows.values()]);
  await watching.stop();
  const { ok, lines } = await summarize({ roles, rows, emulatorLog: source.emulatorLog, dayMs: source.dayMs });
  say(`\n${lines.join('\n')}`);
  return ok;
}

async function stop(running: Running): Promise<void> {
  for (const engine of running.engines.toReversed()) await engine.stop();
  await running.stack?.stop();
}

async function main(): Promise<number> {
  let options: DemoOptions | undefined;
  try {
    options = parseDemoOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n\n${DEMO_HELP}\n`);
    return 64;
  }
  if (options === undefined) {
    say(DEMO_HELP);
    return 0;
  }
  const running: Running = { engines: [] };
  const interrupted = (): void => {
    say('\nstopping …');
    void stop(running).then(() => process.exit(running.exitCode ?? 130));
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    return (await run(options, running)) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    return 70;
  } finally {
    process.removeListener('SIGINT', interrupted);
    process.removeListener('SIGTERM', interrupted);
    await stop(running);
  }
}

process.exitCode = await main();
