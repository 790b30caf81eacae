import { defined } from '../../domain/defined.ts';

type EventAbout = {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly verificationId: string;
  /** RFC 3339. */
  readonly time: string;
  readonly traceparent?: string;
};

/** CloudEvents 1.0 attributes in Kafka binary mode of an event about a verification, whose id is subject and partition key. */
export function binaryHeaders({ id, source, type, verificationId, time, traceparent }: EventAbout): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: source,
    ce_type: type,
    ce_subject: verificationId,
    ce_time: time,
    ce_partitionkey: verificationId,
    ...defined({ ce_traceparent: traceparent }),
    'content-type': 'application/json',
  };
}
