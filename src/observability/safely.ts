import type { Logger } from '../contracts/logger.ts';

/** Reports an event without ever disturbing the work it reports: a defect in reporting is logged and goes no further. */
export function safely(logger: Logger, report: () => void): void {
  try {
    report();
  } catch (error) {
    logger.error({ err: error }, 'an event could not be reported');
  }
}
