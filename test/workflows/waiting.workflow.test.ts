import { describe, expect, it } from 'vitest';
import { eventTypes, labels, readTimesMs } from '../support/history.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, PASSED_READ, PATIENT_POLICY, PENDING_READ } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario } from '../support/workflow-rig.ts';

describe('waiting', () => {
  const server = useVirtualServer();

  it('labels every wait with its reason and the next read', async () => {
    const { history } = await runScenario(server(), { reads: [PENDING_READ, PENDING_READ, PASSED_READ] });
    expect(labels(history).slice(1)).toEqual([
      'read 1 of 3',
      expect.stringMatching(/^waiting for the session to end, next read (\d+ \w{3} )?\d\d:\d\d(:\d\d)? UTC$/),
      'read 2 of 3',
      expect.stringMatching(/^keeping the last read for the end of the window, next read/),
      'read 3 of 3',
      'emit PASSED to Kafka',
    ]);
  });

  it('costs 11 events and at most one upsert for each further round', async () => {
    const { history } = await runScenario(server(), { reads: [PENDING_READ, PASSED_READ] });
    const types = eventTypes(history);
    const upserts = types.filter((type) => type === 'upsertWorkflowSearchAttributes').length;
    expect(upserts).toBe(2);
    expect(types.length - upserts).toBe(12 + 11);
  });

  it('upserts nothing when it begins by waiting, as the starter has said so', async () => {
    const { history } = await runScenario(server(), { reads: [PASSED_READ], input: { policy: PATIENT_POLICY } });
    expect(eventTypes(history).indexOf('timerStarted')).toBeLessThan(eventTypes(history).indexOf('upsertWorkflowSearchAttributes'));
    expect(eventTypes(history).filter((type) => type === 'upsertWorkflowSearchAttributes')).toHaveLength(1);
  });

  it('the call stack names our own line that waits, in both frames that are kept', async () => {
    let callStack = '';
    await runScenario(server(), {
      reads: [PASSED_READ],
      input: { policy: PATIENT_POLICY },
      during: async ({ handle, untilEvent }) => {
        await untilEvent('timerStarted');
        callStack = String(await handle.query('__stack_trace'));
      },
    });
    expect(callStack).toMatch(/at waitForChange \(.*workflows\/resolve-verification\.ts:\d+:\d+\)\n +at resolve \(/);
    expect(callStack.split('\n\n').every((trace) => trace.split('\n').length <= 2)).toBe(true);
  });

  it('a hint brings the read forward', async () => {
    const { history, startedAtMs } = await runScenario(server(), {
      reads: [PASSED_READ],
      input: { policy: PATIENT_POLICY },
      during: async ({ handle, server: clock }) => {
        await clock.advance(5 * MINUTE_MS);
        await handle.signal('hint', { kind: 'SESSION_ENDED', trusted: false });
      },
    });
    const [firstMs = 0] = readTimesMs(history, startedAtMs);
    expect(firstMs).toBeGreaterThan(5 * MINUTE_MS);
    expect(firstMs).toBeLessThan(6 * MINUTE_MS);
    expect(labels(history)).toContainEqual(expect.stringMatching(/^the session has ended, next read \d\d:\d\d:\d\d UTC$/));
  });

  it.each([
    ['json/protobuf', '{"kind":"SESSION_ENDED"}'],
    ['json/plain', '{"kind":"SESSION_EN'],
    ['binary/encrypted', 'text'],
  ])('a hint whose payload says %s and cannot be decoded is dropped, and the next one counts', async (encoding, data) => {
    const { result, history, startedAtMs } = await runScenario(server(), {
      reads: [PASSED_READ],
      input: { policy: PATIENT_POLICY },
      during: async ({ handle, server: clock }) => {
        await clock.client.workflowService.signalWorkflowExecution({
          namespace: 'default',
          workflowExecution: { workflowId: handle.workflowId },
          signalName: 'hint',
          input: { payloads: [{ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) }] },
        });
        await handle.signal('hint', { kind: 'SESSION_ENDED', trusted: false });
      },
    });
    expect(result.outcome.outcome).toBe('PASSED');
    // The plan alone would read half an hour later.
    const [firstMs] = readTimesMs(history, startedAtMs);
    expect(firstMs).toBeLessThan(MINUTE_MS);
  });

  it('repeated and malformed hints start no further wait', async () => {
    const { history } = await runScenario(server(), {
      reads: [PASSED_READ],
      input: { policy: PATIENT_POLICY },
      during: async ({ handle, server: clock }) => {
        await clock.advance(MINUTE_MS);
        for (const payload of [undefined, null, 'hint', 7, {}, { kind: 'ELSE' }, { kind: 7, trusted: true }]) {
          await handle.signal('hint', payload);
        }
        for (let time = 0; time < 5; time += 1) await handle.signal('hint', { kind: 'SESSION_ENDED', trusted: false });
      },
    });
    expect(eventTypes(history).filter((type) => type === 'timerStarted')).toHaveLength(2);
  });

  it('a deadline without a final answer yields EXPIRED', async () => {
    // Ten seconds are left: the minimum gap allows no second read, so slots remain when the window ends.
    const late = { policy: PATIENT_POLICY, ageMs: DAY_MS - 10_000 };
    const { orders, result, startedAtMs } = await runScenario(server(), { reads: [PENDING_READ], input: late });
    expect(orders).toHaveLength(1);
    expect(result.outcome).toMatchObject({ outcome: 'EXPIRED', reasons: [{ code: 'WINDOW_PASSED' }, { code: 'STILL_PROCESSING' }] });
    const completedAtMs = Date.parse(result.outcome.timestamps.completedAt) - startedAtMs;
    expect(completedAtMs).toBeGreaterThanOrEqual(9_000);
    expect(completedAtMs).toBeLessThan(MINUTE_MS);
  });

  it('a start after the window reads nothing and says why', async () => {
    const { orders, result } = await runScenario(server(), { reads: [PASSED_READ], input: { ageMs: 25 * HOUR_MS } });
    expect(orders).toEqual([]);
    expect(result.outcome).toMatchObject({ outcome: 'EXPIRED', reasons: [{ code: 'WINDOW_PASSED' }], retrieval: { callsUsed: 0 } });
  });

  it('answers the state query and tells its story while it waits', async () => {
    await runScenario(server(), {
      reads: [PENDING_READ, PASSED_READ],
      input: { policy: PATIENT_POLICY },
      during: async ({ handle, server: clock }) => {
        await clock.advance(45 * MINUTE_MS);
        const view = await handle.query('state');
        expect(view).toMatchObject({ stage: 'WAITING', readsCounted: 1, readsUncertain: 0, maxReads: 3, nextReadAt: expect.any(String) });
        const metadata: unknown = await handle.query('__temporal_workflow_metadata');
        const text = JSON.stringify(metadata);
        expect(text).toContain('the vendor answered PROCESSING');
        expect(text).toContain('The session is over');
        expect(text).toContain('Where this verification stands');
      },
    });
  });
});
