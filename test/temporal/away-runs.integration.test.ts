import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ORIGIN_MEMO_KEY, WORKFLOW_TYPE } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { createHistoryLedger } from '../../src/temporal/history/ledger.ts';
import { createHistorySource } from '../../src/temporal/history/source.ts';
import { type AwayRig, startAwayRig } from '../support/away-rig.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';
import { inputAt } from '../support/verification-input.ts';

describe('a verification on a real server', () => {
  const asked: string[] = [];
  let rig: AwayRig;
  beforeAll(async () => {
    rig = await startAwayRig({ client: (client) => counting(client, asked) });
  });
  afterAll(() => rig.stop());

  it.each([false, true])('reads once in its home run and asks Temporal nothing (eager start: %s)', async (eager) => {
    asked.length = 0;
    const { input } = await rig.admit('ready-pass', { eager });
    const { outcome } = await rig.result(input);
    expect(outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 1 } });
    const seen = await rig.handleOf(input).describe();
    expect(seen.searchAttributes).toMatchObject({ VfOutcome: ['PASSED'], VfStage: ['DECIDED'], VfCallsSpent: [1] });
    expect(seen.historyLength).toBe(13);
    expect(await rig.reads(input)).toBe(1);
    expect(asked).toEqual([]);
  });

  it('asks Temporal in any other run, as the counter of the test above must be able to see', async () => {
    const { input, runId } = await rig.admit('ready-pass');
    await rig.result(input, runId);
    asked.length = 0;
    await rig.result(input, await rig.startByCli(input));
    expect(asked.length).toBeGreaterThan(0);
  });

  it('reads nothing for the same input under another workflow id, and repeats its outcome', async () => {
    const { input, runId } = await rig.admit('ready-pass');
    await rig.result(input, runId);
    const elsewhere = await rig.link.client.workflow.execute(WORKFLOW_TYPE, {
      workflowId: `by-hand-${randomUUID()}`,
      taskQueue: rig.taskQueue,
      args: [input],
      memo: { [ORIGIN_MEMO_KEY]: { origin: 'ingress' } },
    });
    expect(elsewhere.outcome).toMatchObject({ outcome: 'PASSED', revision: 1, correlation: { runId } });
    expect(new Set(rig.emissions(input))).toHaveLength(1);
    expect(await rig.reads(input)).toBe(1);
  });

  it('finds the home run behind more runs than the server lists at once', async () => {
    const { input, runId } = await rig.admit('ready-pass');
    await rig.result(input, runId);
    for (let again = 0; again < 4; again += 1) await rig.result(input, await rig.startByCli(input));
    const source = createHistorySource({ client: rig.link.client, runsPerPage: 2 });
    const listed = async (): Promise<boolean> => (await source.runIds(workflowIdOf(input.verificationId))).length === 5;
    await until(listed, { timeoutMs: 20_000, what: 'all five runs' });
    const question = { verificationId: input.verificationId, rule: input.policy };
    await expect(createHistoryLedger({ source, logger: silentLogger }).consult(question)).resolves.toMatchObject({
      ledger: { homeRunId: runId, counted: 1 },
    });
    expect(await rig.reads(input)).toBe(1);
  });

  it(
    'reads nothing for an input that ingress never admitted, and says so as a revision that clobbers none',
    { timeout: 120_000 },
    async () => {
      const input = inputAt(Date.now());
      await rig.startByCli(input);
      const { outcome } = await rig.result(input);
      expect(outcome).toMatchObject({ outcome: 'ERROR', reasons: [{ code: 'READ_WITHHELD' }], revision: 2 });
      const { events } = await rig.handleOf(input).fetchHistory();
      expect(
        Buffer.from(
          events?.find((event) => event.activityTaskCompletedEventAttributes)?.activityTaskCompletedEventAttributes?.result?.payloads?.[0]
            ?.data ?? [],
        ).toString(),
      ).toContain('HOME_NOT_FOUND');
      expect(await rig.reads(input)).toBe(0);
    },
  );
});

/** Notes every part of the client that is touched. */
function counting(client: Client, asked: string[]): Client {
  return new Proxy(client, {
    get(target, name) {
      if (name !== 'options') asked.push(String(name));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
