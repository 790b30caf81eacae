import { defined } from '../../domain/defined.ts';
import { outcomeEventId } from '../../domain/ids.ts';
import type { OutcomeEvent } from '../../domain/outcome.ts';
import type { TraceContext } from '../workflow.ts';

export const OUTCOME_EVENT_TYPE = 'faceid.verification.outcome.v1';

/**
 * CloudEvents 1.0 attributes of an outcome in Kafka binary mode. They depend on the event alone, so that every
 * repetition has the same bytes. `source` and `ce_id` are the pair that consumers deduplicate by.
 */
export function outcomeHeaders(event: OutcomeEvent, options: TraceContext & { readonly source: string }): Record<string, string> {
  const { source, traceparent, tracestate } = options;
  return {
    ce_specversion: '1.0',
    ce_id: outcomeEventId(event.verificationId, event.revision),
    ce_source: source,
    ce_type: OUTCOME_EVENT_TYPE,
    ce_subject: event.verificationId,
    ce_time: event.timestamps.emittedAt,
    ce_partitionkey: event.verificationId,
    // As the event's own and as the record's: most readers know one of the two only.
    ...defined({ ce_traceparent: traceparent, ce_tracestate: tracestate, traceparent, tracestate }),
    'content-type': 'application/json',
  };
}
