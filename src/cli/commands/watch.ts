import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { whenAborted } from '../../async/abort.ts';
import { withTimeout } from '../../async/timeout.ts';
import { parseDuration } from '../../config/duration.ts';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { frameOf, remember, type Remembered } from '../../operator/watch/frame.ts';
import { type Snapshot, snapshotOf, type WatchSources } from '../../operator/watch/snapshot.ts';
import { sourceOf } from '../../operator/watch/source.ts';
import { cliConfig, type CliContext } from '../context.ts';
import { createScreen, type Screen } from '../screen.ts';

type Options = { readonly every: number; readonly once?: true; readonly json?: true };

const HELP = `
Rates are of the last minute, counts of Temporal's visibility store, which may lag by a second or so; each look asks it about
twenty times. While Temporal or Kafka is away it says so, shows what it saw last, and goes on. Ctrl-C ends it.
With --once: exit code 69 if Temporal or Kafka did not answer.

Examples:
  $ verdictflow watch
  $ verdictflow watch --once
  $ verdictflow watch --every 30s --json >> watch.ndjson`;

const LEAST_MS = 500;
/** What answers slower than this does not hold up the rest. */
const PATIENCE_MS = 3_000;
/** Long enough to hear why something cannot be reached. */
const ONCE_WITHIN_MS = 15_000;
/** Closing what is away can take long, and nobody waits for it. */
const CLOSE_WITHIN_MS = 1_000;

export function registerWatch(program: Command, context: CliContext): void {
  program
    .command('watch')
    .description('rates, stages, reads, lag and nearest deadlines, again and again')
    .option('--every <duration>', 'how often to look, e.g. 2s', parseEvery, 2_000)
    .option('--once', 'look once')
    .option('--json', 'print one JSON document a line')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      context.exitCode = await runWatch(options, context);
    });
}

function parseEvery(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < LEAST_MS) throw new InvalidArgumentError('Write a duration of at least 500ms, e.g. 2s.');
  return ms;
}

async function runWatch(options: Options, context: CliContext): Promise<number> {
  const config = cliConfig(context);
  const { backend, io } = context;
  const sources: WatchSources = {
    // gRPC connects again by itself; a kafkajs admin that failed does not.
    temporal: sourceOf(async () => await backend.temporal(config), { keeps: true }),
    kafka: sourceOf(async () => await backend.lag(config), { keeps: false }),
  };
  const { maxReads } = config.policy.settings;
  const screen = createScreen(options.json === true ? { ...io, screen: () => undefined } : io);
  const stop = io.interruption();
  try {
    return await looking({ options, sources, context, screen, stop, maxReads });
  } finally {
    screen.end();
    await withTimeout(Promise.all([sources.temporal.close(), sources.kafka.close()]), CLOSE_WITHIN_MS);
  }
}

type Looking = {
  readonly options: Options;
  readonly sources: WatchSources;
  readonly context: CliContext;
  readonly screen: Screen;
  readonly stop: AbortSignal;
  readonly maxReads: number;
};

async function looking({ options, sources, context: { io }, screen, stop, maxReads }: Looking): Promise<number> {
  const patienceMs = options.once === true ? ONCE_WITHIN_MS : PATIENCE_MS;
  let remembered: Remembered = {};
  if (options.once !== true && io.screen() !== undefined) screen.draw(['verdictflow', '', 'looking …']);
  while (!stop.aborted) {
    const snapshot = await unlessAborted(snapshotOf(sources, { now: () => io.now(), maxReads, patienceMs }), stop);
    if (snapshot === undefined) break;
    remembered = remember(remembered, snapshot);
    if (options.json === true) io.stdout(`${JSON.stringify(snapshot)}\n`);
    else screen.draw(frameOf(snapshot, remembered));
    if (options.once === true) return isComplete(snapshot) ? EXIT_CODES.ok : EXIT_CODES.unavailable;
    await io.sleep(options.every, stop);
  }
  return EXIT_CODES.ok;
}

function isComplete({ overview, lag }: Snapshot): boolean {
  return overview.kind === 'SEEN' && lag.kind === 'SEEN';
}

/** Whoever presses Ctrl-C does not wait for an answer that may not come. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = new Promise<undefined>((resolve) => whenAborted(signal, () => resolve(undefined)));
  return await Promise.race([work, aborted]);
}
