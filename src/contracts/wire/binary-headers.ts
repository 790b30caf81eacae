import { defined } from '../../domain/defined.ts';
import type { TraceContext } from '../workflow.ts';

type EventAbout = TraceContext & {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** What it is about; also what partitions go by. */
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
};

/** CloudEvents 1.0 attributes in Kafka binary mode. */
export function binaryHeaders({ id, source, type, subject, time, traceparent, tracestate }: EventAbout): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: source,
    ce_type: type,
    ce_subject: subject,
    ce_time: time,
    ce_partitionkey: subject,
    // As the event's own and as the record's: most readers know one of the two only.
    ...defined({ ce_traceparent: traceparent, ce_tracestate: tracestate, traceparent, tracestate }),
    'content-type': 'application/json',
  };
}
