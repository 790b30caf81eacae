import type { EvidenceEvents } from '../evidence/ports.ts';
import type { EventContext } from './activity-events.ts';
import { safely } from './safely.ts';

/** What becomes of evidence: a counter of few label values and a log line each. */
export function createEvidenceEvents({ metrics, logger }: EventContext): EvidenceEvents {
  return {
    kept: (event) =>
      safely(logger, () => {
        logger.debug({ event: 'evidence-kept', ...event }, 'evidence kept');
        metrics.evidence.inc({ kind: event.kind, result: 'KEPT' });
        metrics.evidenceBytes.inc(event.bytes);
        metrics.evidenceDuration.observe(event.durationMs / 1_000);
      }),
    lost: (event) =>
      safely(logger, () => {
        logger.error({ event: 'evidence-lost', ...event }, 'evidence could not be kept; the verdict goes out without');
        metrics.evidence.inc({ kind: event.kind, result: event.why });
      }),
    retried: (event) =>
      safely(logger, () => {
        logger.warn({ event: 'evidence-retried', ...event }, 'a store did not take evidence, which is put again');
        metrics.evidenceRetries.inc({ why: event.why });
      }),
  };
}
