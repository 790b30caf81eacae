import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createActivityEvents } from '../../src/observability/activity-events.ts';
import { createEvidenceEvents } from '../../src/observability/evidence-events.ts';
import { createIngressEvents } from '../../src/observability/ingress-events.ts';
import { createConsumerEvents } from '../../src/observability/kafka-events.ts';
import { defineMetrics } from '../../src/observability/metrics.ts';

function setUp() {
  const registry = new Registry();
  const lines: { level: string; fields: object; message: string }[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    JSON.stringify(fields);
    lines.push({ level, fields, message });
  };
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const context = { metrics: defineMetrics(registry), logger, now: () => Date.parse('2026-01-02T00:00:00Z') };
  const consumer = createConsumerEvents(context);
  return { registry, lines, context, consumer, ingress: createIngressEvents(context), activities: createActivityEvents(context) };
}

const AT = { topic: 't', partition: 1, offset: 12n } as const;
const ID = 'abcdefghijklmnopqrstuvwxyz';

describe('business events', () => {
  it('each is one log line, a counter, and never an exception', async () => {
    const { registry, lines, ingress, activities } = setUp();
    ingress.started({ ...AT, verificationId: ID });
    ingress.alreadyStarted({ ...AT, verificationId: ID });
    ingress.differs({ ...AT, verificationId: ID });
    ingress.ignored({ ...AT, why: 'TOMBSTONE' });
    ingress.deadLettered({ ...AT, reason: 'NOT_JSON', stage: 'DECODE', message: 'value: is not JSON' });
    ingress.deadLetterCut({ ...AT, valueBytes: 2_000_000, refusal: 'topic "d" refuses the record' });
    ingress.failed({ ...AT, errorName: 'RangeError', attempt: 1 });
    ingress.hintDelivered({ verificationId: ID, kind: 'SESSION_ENDED' });
    ingress.hintDropped({ verificationId: ID, why: 'NOT_FOUND' });
    ingress.hintDistrusted({ ...AT, verificationId: ID, kind: 'SESSION_ENDED' });
    ingress.paused({ cause: 'temporal' });
    ingress.resumed({ cause: 'temporal', pausedMs: 1500 });
    activities.readEnded({ verificationId: ID, slot: 1, kind: 'ANSWER', code: 'OK', durationMs: 12 });
    activities.readWithheld({ verificationId: ID, slot: 1, why: 'NOT_IN_WORKFLOW' });
    activities.readsRecovered({ verificationId: ID, reads: 2 });
    activities.readBroke({ verificationId: ID, slot: 1, stage: 'CALL_VENDOR', errorName: 'Error' });
    activities.outcomeEmitted({
      verificationId: ID,
      outcome: 'PASSED',
      callsUsed: 1,
      issuedAt: '2026-01-01T23:59:00Z',
      receipt: { topic: 't', partition: 0, offset: '1' },
      durationMs: 5,
    });
    expect(lines).toHaveLength(17);
    const text = await registry.metrics();
    expect(text).toContain('verdictflow_ingress_records_total{disposition="DEAD_LETTERED"} 1');
    expect(text).toContain('verdictflow_ingress_dead_letters_cut_total 1');
    expect(text).toContain('verdictflow_ingress_hints_distrusted_total 1');
    expect(text).toContain('verdictflow_ingress_waited_seconds_total{cause="temporal"} 1.5');
    expect(text).toContain('verdictflow_ingress_waiting{cause="temporal"} 0');
    expect(text).toContain('verdictflow_outcomes_total{outcome="PASSED",reason="NONE"} 1');
    expect(text).toContain('verdictflow_time_to_outcome_seconds_sum 60');
    expect(text).not.toContain(ID);
  });

  it('of evidence count what was kept and lost by kind and reason, and tell what somebody has to change', async () => {
    const { registry, lines, context } = setUp();
    const evidence = createEvidenceEvents(context);
    evidence.kept({ verificationId: ID, kind: 'IMAGE_BEST', bytes: 1_000, durationMs: 20 });
    evidence.retried({ verificationId: ID, why: 'STORE_UNREACHABLE', detail: 'VF_EVIDENCE_STORE: away; look' });
    evidence.lost({
      verificationId: ID,
      kind: 'IMAGE_BEST_2',
      why: 'STORE_FULL',
      bytes: 1_000,
      detail: 'VF_EVIDENCE_STORE: full; make room',
    });
    expect(lines.map(({ level }) => level)).toEqual(['debug', 'warn', 'error']);
    expect(lines[2]?.fields).toMatchObject({ event: 'evidence-lost', verificationId: ID, detail: 'VF_EVIDENCE_STORE: full; make room' });
    const text = await registry.metrics();
    expect(text).toContain('verdictflow_evidence_total{kind="IMAGE_BEST",result="KEPT"} 1');
    expect(text).toContain('verdictflow_evidence_total{kind="IMAGE_BEST_2",result="STORE_FULL"} 1');
    expect(text).toContain('verdictflow_evidence_bytes_total 1000');
    expect(text).toContain('verdictflow_evidence_retries_total{why="STORE_UNREACHABLE"} 1');
    expect(text).not.toContain(ID);
  });

  it('call no loss harmless: lost records are counted by partition, possible losses by event, both as errors', async () => {
    const { registry, lines, consumer } = setUp();
    consumer.recordsLost({ topic: 't', partition: 1, position: 5n, begin: 12n, atMost: 7n });
    consumer.recordsLost({ topic: 't', partition: 1, position: 12n, begin: 14n, atMost: 2n });
    for (const why of ['TOPIC_RECREATED', 'LOG_CUT', 'NO_POSITION'] as const)
      consumer.lossPossible({ topic: 't', partition: 1, why, begin: 3n });
    consumer.rewound({ topic: 't' });
    expect(lines.map(({ level }) => level)).toEqual(['error', 'error', 'error', 'error', 'error', 'warn']);
    expect(lines[0]?.fields).toEqual({ event: 'records-lost', topic: 't', partition: 1, position: '5', begin: '12', atMost: '7' });
    const text = await registry.metrics();
    expect(text).toContain('verdictflow_consumer_records_lost_total{topic="t",partition="1"} 9');
    for (const [event, count] of [
      ['RECORDS_LOST', 2],
      ['LOSS_POSSIBLE', 3],
      ['REWOUND', 1],
    ])
      expect(text).toContain(`verdictflow_consumer_events_total{event="${event}"} ${count}`);
  });

  it('a value that a metric refuses is logged and disturbs nobody', () => {
    const { lines, activities } = setUp();
    expect(() => activities.readEnded({ verificationId: ID, slot: 1, kind: 'ANSWER', code: 'OK', durationMs: Number.NaN })).not.toThrow();
    expect(lines.at(-1)).toMatchObject({ level: 'error', message: 'an event could not be reported' });
  });

  it('a partition that is held is named with offset and time, and its gauge is gone when it moves', async () => {
    const { registry, lines, consumer } = setUp();
    const hold = {
      topic: 't',
      partition: 1,
      why: 'OPEN_TRANSACTION',
      offset: 12n,
      sinceMs: Date.parse('2026-01-01T23:00:00Z'),
      detail: 'd',
    } as const;
    consumer.measured({ topic: 't', partition: 1, lag: 7n });
    consumer.held(hold);
    expect(lines.at(-1)?.fields).toMatchObject({
      event: 'partition-held',
      topic: 't',
      partition: 1,
      offset: '12',
      since: '2026-01-01T23:00:00.000Z',
    });
    const text = await registry.metrics();
    expect(text).toContain('verdictflow_consumer_partition_held{topic="t",partition="1",why="OPEN_TRANSACTION"} 1');
    expect(text).toContain('verdictflow_consumer_lag_records{topic="t",partition="1"} 7');
    consumer.released(hold);
    expect(lines.at(-1)?.fields).toMatchObject({ event: 'partition-released', offset: '12' });
    expect(await registry.metrics()).not.toContain('partition_held{');
    consumer.joined({ generation: 2, assignment: {} });
    expect(await registry.metrics()).not.toContain('consumer_lag_records{');
  });
});
