import { describe, expect, it } from 'vitest';
import { eventTypes, labels } from '../support/history.ts';
import { PASSED_READ } from '../support/verification-input.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario } from '../support/workflow-rig.ts';

const TOKEN = 'sEcReT-token-in-no-history';

describe('a verification whose first read is final', () => {
  const server = useVirtualServer();

  it('costs 13 events: the workflow task that decides publishes, shows and ends', async () => {
    const { history } = await runScenario(server(), { reads: [PASSED_READ] });
    const task = ['workflowTaskScheduled', 'workflowTaskStarted', 'workflowTaskCompleted'];
    const activity = ['activityTaskScheduled', 'activityTaskStarted', 'activityTaskCompleted'];
    expect(eventTypes(history)).toEqual([
      'workflowExecutionStarted',
      ...task,
      ...activity,
      ...task,
      'markerRecorded',
      'upsertWorkflowSearchAttributes',
      'workflowExecutionCompleted',
    ]);
  });

  it('labels what it does for the Temporal UI', async () => {
    const { history } = await runScenario(server(), { reads: [PASSED_READ] });
    expect(labels(history)).toEqual([expect.stringMatching(/^face verification, policy completed/), 'read 1 of 3', 'emit PASSED to Kafka']);
  });

  it('keeps the token out of history', async () => {
    const { json, orders, input } = await runScenario(server(), { reads: [PASSED_READ], input: { token: TOKEN } });
    expect(orders[0]?.sealedToken).toBe(input.sealedToken);
    for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const) {
      expect(json).not.toContain(Buffer.from(TOKEN).toString(encoding).slice(0, 20));
    }
    const decoded = [...json.matchAll(/"data": ?"([^"]+)"/g)].map(([, data]) => Buffer.from(data ?? '', 'base64').toString('utf8'));
    expect(decoded.length).toBeGreaterThan(4);
    expect(decoded.join('\n')).not.toContain(TOKEN);
  });

  it('hands the guard the run it descends from and the stamp of ingress', async () => {
    const { orders, result } = await runScenario(server(), { reads: [PASSED_READ] });
    expect(orders).toEqual([
      expect.objectContaining({ slot: 1, maxReads: 3, stamped: true, originalRunId: result.outcome.correlation.runId }),
    ]);
  });

  it('says when it was started by hand', async () => {
    const { orders } = await runScenario(server(), { reads: [PASSED_READ], byHand: true });
    expect(orders[0]?.stamped).toBe(false);
  });

  it('returns the outcome with its place on Kafka, timed by the workflow', async () => {
    const { result, emissions, startedAtMs } = await runScenario(server(), { reads: [PASSED_READ] });
    expect(result.emission).toEqual({ topic: 'outcomes', partition: 0, offset: '42' });
    expect(emissions[0]?.event).toEqual(result.outcome);
    expect(result.outcome).toMatchObject({ outcome: 'PASSED', revision: 1, retrieval: { callsUsed: 1, callsUncertain: 0 } });
    const lag = Date.parse(result.outcome.timestamps.emittedAt) - startedAtMs;
    expect(lag).toBeGreaterThanOrEqual(0);
    expect(lag).toBeLessThan(30_000);
  });
});
