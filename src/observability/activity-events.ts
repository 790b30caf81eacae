import type { ActivityEvents } from '../../activities/ports.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Metrics } from './metrics.ts';
import { noteInSpan } from '../tracing/spans.ts';
import { safely } from './safely.ts';

export type EventContext = { readonly metrics: Metrics; readonly logger: Logger; readonly now?: () => number };

/** Business events of the activities: a counter of few label values and a log line each. */
export function createActivityEvents({ metrics, logger, now = Date.now }: EventContext): ActivityEvents {
  return {
    readEnded: (event) =>
      safely(logger, () => {
        // The usual read is told of by its outcome's line, and by the history; a closed gate by its own.
        const log = event.kind === 'ANSWER' || event.code === 'GATE_CLOSED' ? 'debug' : 'info';
        logger[log]({ event: 'read-ended', ...event }, 'read ended');
        noteInSpan({ 'verdictflow.report': event.kind, 'verdictflow.code': event.code });
        metrics.reads.inc({ kind: event.kind, code: event.code });
        metrics.readDuration.observe({ kind: event.kind }, event.durationMs / 1_000);
      }),
    readWithheld: (event) =>
      safely(logger, () => {
        logger.warn({ event: 'read-withheld', ...event }, 'read withheld by the quota guard');
        metrics.readsWithheld.inc({ why: event.why });
      }),
    readsRecovered: (event) =>
      safely(logger, () => {
        logger.info({ event: 'reads-recovered', ...event }, 'reads of earlier runs recovered instead of repeated');
        metrics.readsRecovered.inc(event.reads);
      }),
    readBroke: (event) =>
      safely(logger, () => {
        logger.error({ event: 'read-broke', ...event }, 'read ended in a defect');
        metrics.readsBroken.inc({ stage: event.stage });
      }),
    evidenceBroke: (event) =>
      safely(logger, () => logger.error({ event: 'evidence-broke', ...event }, 'keeping evidence ended in a defect; the verdict stands')),
    outcomeEmitted: (event) =>
      safely(logger, () => {
        logger.info({ event: 'outcome-emitted', ...event }, 'outcome emitted');
        metrics.outcomes.inc({ outcome: event.outcome, reason: event.primaryReason ?? 'NONE' });
        metrics.outcomeReads.inc(event.callsUsed);
        metrics.emissionDuration.observe(event.durationMs / 1_000);
        metrics.timeToOutcome.observe(Math.max(0, now() - Date.parse(event.issuedAt)) / 1_000);
      }),
  };
}
