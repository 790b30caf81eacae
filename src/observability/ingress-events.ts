import type { Logger } from '../contracts/logger.ts';
import { DEAD_LETTER_REASONS } from '../contracts/dead-letter-reasons.ts';
import type { IngressEvents } from '../ingress/ports.ts';
import type { EventContext } from './activity-events.ts';
import { noteInSpan } from '../tracing/spans.ts';
import { safely } from './safely.ts';

type Place = { readonly topic: string; readonly partition: number; readonly offset: bigint };

/** Business events of ingress: a counter of few label values and a log line each. */
export function createIngressEvents(context: EventContext): IngressEvents {
  return { taken: takenEvent(context), ...recordEvents(context), ...hintEvents(context), ...waitEvents(context) };
}

/** Every counter of dead letters is there before the first of them, because a rate sees no counter that begins above 0. */
function takenEvent({ metrics, logger }: EventContext): IngressEvents['taken'] {
  const known = new Set<string>();
  return ({ topic }) =>
    safely(logger, () => {
      if (!known.has(topic)) for (const reason of DEAD_LETTER_REASONS) metrics.deadLetters.inc({ topic, reason }, 0);
      known.add(topic);
      metrics.recordsTaken.inc({ topic });
    });
}

function recordEvents({ metrics, logger }: EventContext) {
  const settled = (
    disposition: string,
    fields: Place & { readonly verificationId?: string },
    text: string,
    log: keyof Logger = 'debug',
  ): void =>
    safely(logger, () => {
      logger[log]({ event: 'record-settled', disposition, ...printable(fields) }, text);
      noteInSpan({ 'verdictflow.disposition': disposition, ...verificationOf(fields) });
      metrics.records.inc({ disposition });
    });
  return {
    started: (at: Place & { verificationId: string }) => settled('STARTED', at, 'verification started'),
    alreadyStarted: (at: Place & { verificationId: string }) => settled('ALREADY_STARTED', at, 'verification was started before'),
    ignored: (at: Place & { why: string }) => settled('IGNORED', at, 'record ignored'),
    deadLettered: (at: Place & { reason: string; stage: string; message: string }) => {
      settled('DEAD_LETTERED', at, 'record dead-lettered', 'warn');
      safely(logger, () => metrics.deadLetters.inc({ topic: at.topic, reason: at.reason }));
    },
    deadLetterCut: (at: Place & { valueBytes?: number; refusal: string }) =>
      safely(logger, () => {
        logger.error(
          { event: 'dead-letter-cut', ...printable(at) },
          'the record is too large to be read or put aside whole, or the dead-letter topic refuses it; a stub was written',
        );
        metrics.deadLettersCut.inc();
      }),
    differs: (at: Place & { verificationId: string }) =>
      safely(logger, () => {
        logger.warn({ event: 'request-differs', ...printable(at) }, 'the same token came again with other fields; the first record won');
        metrics.conflictingRequests.inc();
      }),
    failed: (at: Place & { errorName: string; attempt: number }) =>
      safely(logger, () => {
        logger.error({ event: 'record-failed', ...printable(at) }, 'unexpected error while handling a record');
        metrics.recordFailures.inc();
      }),
  };
}

function hintEvents({ metrics, logger }: EventContext): Pick<IngressEvents, 'hintDelivered' | 'hintDistrusted' | 'hintDropped'> {
  return {
    hintDelivered: (hint) =>
      safely(logger, () => {
        logger.debug({ event: 'hint-delivered', ...hint }, 'hint delivered');
        noteInSpan({ 'verdictflow.disposition': 'HINT_DELIVERED', ...verificationOf(hint) });
        metrics.records.inc({ disposition: 'HINT_DELIVERED' });
      }),
    hintDistrusted: (hint) =>
      safely(logger, () => {
        logger.info({ event: 'hint-distrusted', ...printable(hint) }, 'a hint calls itself trusted; it is taken as untrusted');
        metrics.hintsDistrusted.inc();
      }),
    hintDropped: (hint) =>
      safely(logger, () => {
        logger.info({ event: 'hint-dropped', ...hint }, 'hint dropped');
        metrics.records.inc({ disposition: 'HINT_DROPPED' });
        metrics.hintsDropped.inc({ why: hint.why });
      }),
  };
}

function waitEvents({ metrics, logger }: EventContext): Pick<IngressEvents, 'paused' | 'resumed'> {
  return {
    paused: (wait) =>
      safely(logger, () => {
        logger.warn({ event: 'ingress-paused', ...wait }, 'records wait');
        metrics.waiting.set({ cause: wait.cause }, 1);
      }),
    resumed: (wait) =>
      safely(logger, () => {
        logger.info({ event: 'ingress-resumed', ...wait }, 'records flow again');
        metrics.waiting.set({ cause: wait.cause }, 0);
        metrics.waited.inc({ cause: wait.cause }, wait.pausedMs / 1_000);
      }),
  };
}

function verificationOf({ verificationId }: { readonly verificationId?: string }): Record<string, string> {
  return verificationId === undefined ? {} : { 'verdictflow.verification_id': verificationId };
}

/** JSON knows no bigint. */
function printable<T extends Place>(fields: T): Omit<T, 'offset'> & { offset: string } {
  return { ...fields, offset: String(fields.offset) };
}
