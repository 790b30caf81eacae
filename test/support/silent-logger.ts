import type { Logger } from '../../src/contracts/logger.ts';

/** For tests whose subject is not what is logged. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  // nothing is written
}
