import type { Config } from '../config/config.ts';
import type { EvidenceVault } from '../operator/evidence/ports.ts';
import type { RedriveTargets, TopicSource } from '../operator/dlq/ports.ts';
import type { ReplayCases, ReplayRuns } from '../operator/replay/ports.ts';
import type { Sights } from './doctor/examination.ts';
import type {
  Counter,
  GatePort,
  HintPort,
  LagReader,
  ProgressReader,
  RecordPublisher,
  SetupPort,
  VerificationReader,
} from '../operator/ports.ts';

export type Opened<T> = T & { close(): Promise<void> };

export type TemporalPorts = Counter & ProgressReader & { readonly reader: VerificationReader; readonly hints: HintPort };

/** Opens what a command needs, and only that. Rejects with `DependencyUnavailableError` naming address and setting. */
export type CliBackend = {
  temporal(config: Config): Promise<Opened<TemporalPorts>>;
  replay(config: Config): Promise<Opened<{ readonly reader: VerificationReader; readonly cases: ReplayCases; readonly runs: ReplayRuns }>>;
  gate(config: Config): Promise<Opened<{ readonly gate: GatePort }>>;
  publisher(config: Config): Promise<Opened<{ readonly publisher: RecordPublisher }>>;
  lag(config: Config): Promise<Opened<LagReader>>;
  deadLetters(
    config: Config,
  ): Promise<Opened<{ readonly source: TopicSource; readonly targets: RedriveTargets; readonly publisher: RecordPublisher }>>;
  /** Rejects with `ConfigurationError` if no store is configured. */
  vault(config: Config): Promise<Opened<{ readonly vault: EvidenceVault }>>;
  setup(config: Config): Promise<Opened<{ readonly ports: readonly SetupPort[] }>>;
  /** What an examination looks through. Opens nothing yet: what cannot be opened is a finding. */
  sights(config: Config): Promise<Opened<Sights>>;
  /** Runs the emulator until it is stopped by a signal; returns the exit code. */
  emulator(env: NodeJS.ProcessEnv): Promise<number>;
};

/** Uses what was opened and closes it, also after a failure. */
export async function using<T, R>(opening: Promise<Opened<T>>, use: (opened: T) => Promise<R>): Promise<R> {
  const opened = await opening;
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}
