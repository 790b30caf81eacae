import type { Config } from '../src/config/config.ts';
import type { LiveConfig } from '../src/config/live-config.ts';
import type { Logger } from '../src/contracts/logger.ts';
import type { Metrics } from '../src/observability/metrics.ts';
import type { Lifecycle } from './lifecycle.ts';

/** What every part of a role is built from. */
export type RoleContext = {
  /** As it was at start: for everything that is no credential. */
  readonly config: Config;
  /** Credentials are taken from here whenever they are used, because their files may change. */
  readonly live: LiveConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly lifecycle: Lifecycle;
  /** Metrics that are kept elsewhere, as Prometheus text; `/metrics` tells them along with ours. */
  readonly exposed: (() => Promise<string>)[];
};

/** Resolves once the role serves, with what the ready line says besides event and role. Rejects if it cannot start. */
export type RoleStarter = (context: RoleContext) => Promise<Readonly<Record<string, string | number>>>;
