import { expect, it } from 'vitest';
import { noteInSpan, traceActivities, traceRecord } from '../../src/tracing/spans.ts';
import { untraced } from '../../src/tracing/untraced.ts';

// With an SDK: test/conformance/tracing.integration.test.ts.

const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff', tracestate: 'b=2,a=1' };
const place = { topic: 't', partition: 3, offset: 7n };

it.each([[trace], [{ traceparent: trace.traceparent }], [{}]])(
  'without an SDK what a record carries goes on as it came: %j',
  async (carried) => {
    const seen: unknown[] = [];
    await traceRecord({ ...place, trace: carried }, async (handedOn) => {
      noteInSpan({ 'verdictflow.disposition': 'STARTED' });
      seen.push(handedOn);
      await Promise.resolve();
    });
    expect(seen).toEqual([carried]);
  },
);

it('results and errors pass through as they are', async () => {
  const failure = new Error('no');
  await expect(traceRecord({ ...place, trace }, async () => await Promise.reject(failure))).rejects.toBe(failure);
  const report = { kind: 'UNSENT', cause: 'CONNECT_FAILED', endedAt: '2026-01-01T00:00:00Z' } as const;
  const order = { ...trace, v: 1, verificationId: 'x', sealedToken: 's', slot: 1, trigger: 'SCHEDULE', returnImage: 0 } as const;
  const asking = {
    maxReads: 3,
    maxRefusals: 5,
    countRefused: false,
    countedReads: 0,
    answeredReads: 0,
    deadlineAt: '',
    originalRunId: '',
    stamped: true,
  };
  const activities = traceActivities({
    getResult: async () => await Promise.resolve(report),
    emitOutcome: async () => await Promise.reject(failure),
  });
  expect(await activities.getResult({ ...asking, ...order })).toBe(report);
  expect(untraced(() => report)).toBe(report);
  await expect(untraced(async () => await Promise.reject(failure))).rejects.toBe(failure);
});
