import { once } from 'node:events';
import type { CliBackend } from '../../src/cli/backend.ts';
import type { Sights } from '../../src/cli/doctor/examination.ts';
import type { CliIo } from '../../src/cli/io.ts';
import { ConfigurationError } from '../../src/contracts/errors.ts';
import type { HintAnswer } from '../../src/contracts/workflow.ts';
import type { EvidenceVault } from '../../src/operator/evidence/ports.ts';
import type { JournalFile, ReplayCases, ReplayRuns } from '../../src/operator/replay/ports.ts';
import { runCli } from '../../src/cli/program.ts';
import type {
  GatePort,
  Progress,
  RecordPublisher,
  SetupPort,
  TopicLag,
  VerificationDetails,
  VerificationRow,
} from '../../src/operator/ports.ts';

export type FakeCli = {
  readonly stdin?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly publish?: RecordPublisher['publish'];
  readonly details?: VerificationDetails;
  readonly rows?: readonly VerificationRow[];
  readonly count?: (query: string) => number;
  readonly progress?: (workflowId: string) => Progress | undefined;
  readonly lag?: () => Promise<readonly TopicLag[]>;
  /** What is written to files, by path. */
  readonly written?: Map<string, string>;
  readonly screen?: { readonly columns: number; readonly rows: number };
  /** The first listings break off after so many rows. */
  readonly listFailures?: readonly { readonly after: number; readonly error: Error }[];
  readonly hintResult?: HintAnswer;
  /** What sending a hint fails with. */
  readonly hintError?: Error;
  readonly gate?: GatePort;
  readonly vault?: EvidenceVault;
  /** What is kept in files, by path; what is there before is not replaced unasked. */
  readonly kept?: Map<string, Uint8Array>;
  /** What is there besides files. */
  readonly places?: Readonly<Record<string, 'FOLDER' | 'OTHER'>>;
  readonly ports?: readonly SetupPort[];
  readonly sights?: Sights;
  readonly deadLetters?: Omit<Awaited<ReturnType<CliBackend['deadLetters']>>, 'close'>;
  readonly replay?: { readonly cases: ReplayCases; readonly runs: ReplayRuns };
  /** Journals by path; a run that shares them resumes. */
  readonly journals?: Map<string, string[]>;
  /** Fires after so many durable lines of a journal, as a SIGINT would. */
  readonly interruptAfter?: number;
  readonly monotonicMs?: () => number;
  /** Is told of every wait; those it does not hold take no time. `interrupt` is a SIGINT and ends what is held. */
  readonly onSleep?: (durationMs: number, interrupt: () => void) => 'HELD' | void;
  readonly agrees?: boolean;
  /** What opening any dependency fails with. */
  readonly unavailable?: Error;
};

export type Ran = {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly asked: readonly unknown[];
  readonly closed: number;
};

/** Runs one command line against fakes; `asked` is what reached the backend. */
export async function runFakeCli(args: readonly string[], fake: FakeCli = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const asked: unknown[] = [];
  let closed = 0;
  const close = async (): Promise<void> => {
    closed += 1;
    await Promise.resolve();
  };
  const open = async <T>(what: T): Promise<T & { close(): Promise<void> }> => {
    if (fake.unavailable) throw fake.unavailable;
    return await Promise.resolve({ ...what, close });
  };
  let listings = 0;
  const list = async function* (query: string, limit: number): AsyncGenerator<VerificationRow> {
    asked.push({ query, limit });
    const failure = fake.listFailures?.[listings];
    listings += 1;
    yield* await Promise.resolve((fake.rows ?? []).slice(0, failure?.after));
    if (failure !== undefined) throw failure.error;
  };
  const backend: CliBackend = {
    temporal: async () =>
      await open({
        reader: {
          details: async (workflowId: string) => {
            asked.push(workflowId);
            return await Promise.resolve(fake.details);
          },
          list,
        },
        count: async (query) => {
          asked.push({ count: query });
          return await Promise.resolve(fake.count?.(query) ?? 0);
        },
        progress: async (workflowId) => await Promise.resolve(fake.progress?.(workflowId)),
        hints: {
          send: async (workflowId, hint) => {
            asked.push({ workflowId, hint });
            if (fake.hintError !== undefined) throw fake.hintError;
            return await Promise.resolve(fake.hintResult ?? 'DELIVERED');
          },
        },
      }),
    replay: async () =>
      await open({
        ...(fake.replay ?? { cases: { load: unused }, runs: { start: unused, find: unused, result: unused } }),
        reader: { details: unused, list },
      }),
    gate: async () => await open({ gate: fake.gate ?? { status: unused, order: unused } }),
    publisher: async () =>
      await open({
        publisher: {
          publish: async (record) => {
            asked.push(record);
            return await (fake.publish?.(record) ?? Promise.resolve({ topic: record.topic, partition: 0, offset: '0' }));
          },
        },
      }),
    lag: async () => await open({ lag: async () => await (fake.lag?.() ?? Promise.resolve([])) }),
    vault: async () => {
      if (fake.vault === undefined) throw new ConfigurationError(['VF_EVIDENCE_STORE: off']);
      return await open({ vault: fake.vault });
    },
    deadLetters: async () => await open(fake.deadLetters ?? unused()),
    setup: async () => await open({ ports: fake.ports ?? [] }),
    sights: async () => {
      if (fake.sights === undefined) throw new Error('nothing is to be seen');
      return { ...fake.sights, close };
    },
    emulator: async (env) => {
      asked.push(env);
      return await Promise.resolve(0);
    },
  };
  const code = await runCli(args, { io: fakeIo(fake, { out, err }), backend, version: '1.2.3' });
  return { code, out: out.join(''), err: err.join(''), asked, closed };
}

function fakeIo(fake: FakeCli, { out, err }: { out: string[]; err: string[] }): CliIo {
  const stopping = new AbortController();
  return {
    env: fake.env ?? {},
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    readStdin: async () => await Promise.resolve(fake.stdin ?? ''),
    readFile: async (path) => {
      const content = fake.files?.[path];
      if (content === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return await Promise.resolve(content);
    },
    writeFile: async (path, content) => await Promise.resolve(void fake.written?.set(path, content)),
    keepFile: async (path, { bytes, overwrite }) => {
      if (fake.kept?.has(path) === true && !overwrite) throw Object.assign(new Error('there'), { code: 'EEXIST' });
      await Promise.resolve(fake.kept?.set(path, bytes));
    },
    placeAt: async (path) => await Promise.resolve(fake.places?.[path] ?? (fake.kept?.has(path) === true ? 'FILE' : undefined)),
    lines: async function* (path) {
      const content = path === '-' ? fake.stdin : fake.files?.[path];
      if (content === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      yield* await Promise.resolve(content.split('\n'));
    },
    journal: (path) => fakeJournal(path, { fake, stopping }),
    confirm: async (question) => {
      err.push(question);
      return await Promise.resolve(fake.agrees ?? false);
    },
    interruption: () => stopping.signal,
    stdinIsTerminal: fake.terminal ?? false,
    interactive: fake.terminal ?? false,
    screen: () => fake.screen,
    columns: () => fake.columns ?? 80,
    isRepeatable: async (path) => await Promise.resolve(path !== '-' && fake.files?.[path] !== undefined),
    now: () => Date.parse('2026-02-01T12:00:00Z'),
    monotonicMs: fake.monotonicMs ?? (() => 0),
    sleep: async (durationMs, signal) => {
      const held = fake.onSleep?.(durationMs, () => stopping.abort()) === 'HELD' && signal?.aborted === false;
      await (held ? once(signal, 'abort') : Promise.resolve());
    },
  };
}

const unused = (): never => {
  throw new Error('this test gives no replay');
};

function fakeJournal(path: string, { fake, stopping }: { fake: FakeCli; stopping: AbortController }): JournalFile {
  const journals = fake.journals ?? new Map<string, string[]>();
  let durable = 0;
  const content = (): string[] => journals.get(path) ?? [];
  return {
    lock: async () => await Promise.resolve(),
    lines: async function* () {
      yield* await Promise.resolve([...content()]);
    },
    clear: async () => await Promise.resolve(void journals.set(path, [])),
    append: async (line, options) => {
      journals.set(path, [...content(), line]);
      durable += Number(options.durable);
      if (durable === fake.interruptAfter) stopping.abort();
      await Promise.resolve();
    },
    close: async () => await Promise.resolve(),
  };
}
