import { outcomeEventId } from '../../domain/ids.ts';
import type { OutcomeEvent } from '../../domain/outcome.ts';
import type { TraceContext } from '../workflow.ts';
import { binaryHeaders } from './binary-headers.ts';

export const OUTCOME_EVENT_TYPE = 'faceid.verification.outcome.v1';

/**
 * CloudEvents 1.0 attributes of an outcome in Kafka binary mode. They depend on the event alone, so that every
 * repetition has the same bytes. `source` and `ce_id` are the pair that consumers deduplicate by.
 */
export function outcomeHeaders(event: OutcomeEvent, options: TraceContext & { readonly source: string }): Record<string, string> {
  const { verificationId } = event;
  return binaryHeaders({
    ...options,
    id: outcomeEventId(verificationId, event.revision),
    type: OUTCOME_EVENT_TYPE,
    subject: verificationId,
    time: event.timestamps.emittedAt,
  });
}
