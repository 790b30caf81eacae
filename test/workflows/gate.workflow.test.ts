import { randomUUID } from 'node:crypto';
import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { describe, expect, inject, it } from 'vitest';
import {
  ACCOUNT_SIGNAL,
  CANARY_SIGNAL,
  CLAIM_UPDATE,
  GATE_MEMO_KEY,
  GATE_QUERY,
  type GateActivities,
  type GateChange,
  type GateView,
  HOLD_UPDATE,
  RESUME_UPDATE,
  STOP_UPDATE,
} from '../../src/contracts/gate.ts';
import { eventTypes } from '../support/history.ts';
import { until } from '../support/until.ts';
import { useVirtualServer, type VirtualServer } from '../support/workflow-env.ts';

const JANE = { operator: 'jane', reason: 'the vendor asks to stop', ticket: 'INC-7' };
const JOE = { operator: 'joe', reason: 'it is back' };
const ID = 'abcdefghijklmnopqrstuvwxyz';

type Played = {
  readonly gate: WorkflowHandle;
  /** What the server's queue was told, oldest first; `none`: no limit. */
  readonly limits: (number | 'none')[];
  readonly announced: GateChange[];
  update(name: string, payload: unknown): Promise<GateView>;
  view(): Promise<GateView>;
};

/** Runs the gate against scripted activities, and re-executes the history it left. */
async function play(
  server: VirtualServer,
  scene: (played: Played) => Promise<void>,
  mayAnnounce: () => void = () => undefined,
): Promise<void> {
  const taskQueue = `gate-${randomUUID()}`;
  const limits: (number | 'none')[] = [];
  const announced: GateChange[] = [];
  const activities: GateActivities = {
    async limitReads({ perSecond }) {
      limits.push(perSecond ?? 'none');
      return await Promise.resolve(limits.length);
    },
    async announceGate(change) {
      mayAnnounce();
      announced.push(change);
      return await Promise.resolve({ topic: 'gate', partition: 0, offset: '0' });
    },
  };
  const codePath = inject('workflowBundlePath');
  const worker = await Worker.create({
    connection: server.native,
    taskQueue,
    activities,
    workflowBundle: { codePath },
    debugMode: true,
    identity: 'gate',
  });
  const workflowId = `vf-gate-${taskQueue}`;
  const running = worker.run();
  try {
    const gate = await server.client.workflow.start('vendorGate', { taskQueue, workflowId, args: [{ v: 1, region: 'sgp' }] });
    const latest = server.client.workflow.getHandle(workflowId);
    await scene({
      gate: latest,
      limits,
      announced,
      update: async (name, payload) => await latest.executeUpdate<GateView, [unknown]>(name, { args: [payload] }),
      view: async () => await latest.query<GateView>(GATE_QUERY),
    });
    const history = await server.client.workflow.getHandle(workflowId, gate.firstExecutionRunId).fetchHistory();
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, history, workflowId);
  } finally {
    await server.client.workflow.getHandle(workflowId).terminate('over');
    worker.shutdown();
    await running;
  }
}

async function refusalOf(update: Promise<unknown>): Promise<string> {
  try {
    await update;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) return error.cause.message;
    throw error;
  }
  return 'none';
}

describe('the gate of a vendor account', () => {
  const server = useVirtualServer();

  it('is open, is held, and answers once the queue on the server follows', async () => {
    await play(server(), async ({ update, limits, view, gate }) => {
      await until(() => limits.length === 1, { timeoutMs: 10_000, what: 'the queue is told' });
      // The activity has ended here before the workflow hears of it.
      await until(async () => (await view()).queueFollows, { timeoutMs: 10_000, what: 'the gate knows it' });
      expect(await view()).toMatchObject({ phase: 'OPEN' });
      expect(await update(HOLD_UPDATE, JANE)).toMatchObject({
        phase: 'HELD',
        readsPerSecond: 0,
        queueFollows: true,
        says: expect.stringMatching(/^the gate of sgp is HELD, since \S+, by jane \(INC-7\), because the vendor asks to stop$/),
      });
      expect(limits).toEqual(['none', 0]);
      const { memo } = await gate.describe();
      expect(memo?.[GATE_MEMO_KEY]).toMatchObject({ phase: 'HELD', by: 'jane', changes: 1, holds: 1 });
    });
  });

  it('resumes by one canary, then more and more, and tells Kafka of each change once and in order', async () => {
    await play(server(), async ({ gate, update, limits, announced, view }) => {
      await update(HOLD_UPDATE, JANE);
      expect(await update(RESUME_UPDATE, JOE)).toMatchObject({ phase: 'CANARY' });
      await update(CLAIM_UPDATE, { verificationId: ID });
      expect(await refusalOf(update(CLAIM_UPDATE, { verificationId: ID.replace('a', 'b') }))).toMatch(/has a canary already/);
      await gate.signal(CANARY_SIGNAL, { verificationId: ID, result: 'WELL', code: 'OK' });
      await until(async () => (await view()).phase === 'RAMP', { timeoutMs: 10_000, what: 'the ramp begins' });
      for (let step = 0; step < 9; step += 1) await server().advance(5_000);
      await until(async () => (await view()).phase === 'OPEN' && announced.length === 4, { timeoutMs: 10_000, what: 'it is open' });
      expect(announced.map(({ before, state }) => `${before} ${state.phase}`)).toEqual([
        'OPEN HELD',
        'HELD CANARY',
        'CANARY RAMP',
        'RAMP OPEN',
      ]);
      expect(limits.filter((limit, index) => limit !== limits[index - 1])).toEqual(
        expect.arrayContaining([0, 4, 8, 16, 32, 64, 128, 256, 'none']),
      );
      expect(limits.at(-1)).toBe('none');
    });
  });

  it('tells Kafka late rather than never, and never two changes in the wrong order', async () => {
    let failures = 2;
    const mayAnnounce = (): void => {
      failures -= 1;
      if (failures >= 0) throw new Error('Kafka is away');
    };
    await play(
      server(),
      async ({ update, announced }) => {
        await update(HOLD_UPDATE, JANE);
        await update(RESUME_UPDATE, JOE);
        await update(HOLD_UPDATE, JANE);
        for (let step = 0; step < 4; step += 1) await server().advance(2_000);
        await until(() => announced.length === 3, { timeoutMs: 10_000, what: 'all are announced' });
        expect(announced.map(({ state }) => [state.phase, state.changes])).toEqual([
          ['HELD', 1],
          ['CANARY', 2],
          ['HELD', 3],
        ]);
      },
      mayAnnounce,
    );
  });

  it.each([
    ['nothing', HOLD_UPDATE, undefined, /^it must be an object with operator, reason/],
    ['no reason', HOLD_UPDATE, { operator: 'jane' }, /reason must be one line/],
    ['an e-mail address', RESUME_UPDATE, { operator: 'jane@b.c', reason: 'x' }, /no e-mail address/],
    ['a number', HOLD_UPDATE, { operator: 7, reason: 'x' }, /operator must be a name/],
    ['what is no order of a worker', STOP_UPDATE, { by: 'worker:a:1' }, /^that is no order of a worker$/],
    ['a late order of a worker', STOP_UPDATE, { by: 'w', reason: 'x', asOfHolds: -1 }, /^that is no order of a worker$/],
    ['a resumption of what is open', RESUME_UPDATE, JOE, /^the gate of sgp is open already, since /],
    ['a canary that nobody looks for', CLAIM_UPDATE, { verificationId: ID }, /looks for no canary: it is OPEN$/],
  ])('refuses %s, says why, and leaves no trace of it', async (_name, update, payload, why) => {
    await play(server(), async (played) => {
      await until(() => played.limits.length === 1, { timeoutMs: 10_000, what: 'it has begun' });
      expect(await refusalOf(played.update(update, payload))).toMatch(why);
      expect(eventTypes(await played.gate.fetchHistory()).filter((type) => type.startsWith('workflowExecutionUpdate'))).toEqual([]);
    });
  });

  it.each([
    undefined,
    7,
    { verificationId: ID },
    { verificationId: '../x', result: 'WELL', code: 'OK' },
    { verificationId: ID, result: 'OPEN', code: 'OK' },
  ])('takes no notice of a signal that says nothing: %j', async (payload) => {
    await play(server(), async ({ gate, update, view }) => {
      await update(HOLD_UPDATE, JANE);
      await update(RESUME_UPDATE, JOE);
      await update(CLAIM_UPDATE, { verificationId: ID });
      await gate.signal(CANARY_SIGNAL, payload);
      await gate.signal(ACCOUNT_SIGNAL, { perSecond: 'fast' });
      expect(await view()).toMatchObject({ phase: 'CANARY', state: { canary: { verificationId: ID } } });
    });
  });

  it('gives up a canary whose worker is lost, and lets another one try', async () => {
    await play(server(), async ({ update, view }) => {
      await update(HOLD_UPDATE, JANE);
      await update(RESUME_UPDATE, JOE);
      await update(CLAIM_UPDATE, { verificationId: ID });
      await server().advance(61_000);
      await until(async () => (await view()).state.lostCanaries === 1, { timeoutMs: 10_000, what: 'it is given up' });
      expect(await update(CLAIM_UPDATE, { verificationId: ID })).toMatchObject({ phase: 'CANARY' });
    });
  });

  it('is not opened by a cancellation', async () => {
    await play(server(), async ({ gate, update, view }) => {
      await update(HOLD_UPDATE, JANE);
      await gate.cancel();
      expect(await update(RESUME_UPDATE, JOE)).toMatchObject({ phase: 'CANARY' });
      expect(await view()).toMatchObject({ phase: 'CANARY' });
      expect((await gate.describe()).status.name).toBe('RUNNING');
    });
  });

  it('goes on as its own successor when its history has grown, with its state and all it has to tell', { timeout: 60_000 }, async () => {
    let isAway = true;
    const mayAnnounce = (): void => {
      if (isAway) throw new Error('Kafka is away');
    };
    const scene = async ({ gate, update, view, limits, announced }: Played): Promise<void> => {
      await update(HOLD_UPDATE, JANE);
      const { runId } = await gate.describe();
      for (let round = 0; round < 150; round += 1)
        await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(async (one) => await gate.signal(ACCOUNT_SIGNAL, { perSecond: round * 8 + one })));
      await until(async () => (await gate.describe()).runId !== runId, { timeoutMs: 30_000, what: 'it becomes its successor' });
      expect(await view()).toMatchObject({ phase: 'HELD', state: { by: 'jane', changes: 1, accountPerSecond: expect.any(Number) } });
      expect(await update(RESUME_UPDATE, JOE)).toMatchObject({ phase: 'CANARY', state: { changes: 2 } });
      expect(limits.at(-1)).toBe(4);
      isAway = false;
      // Second by second: once an attempt was under way as the run gave way to its successor, the server skips no time any more.
      for (let second = 1; second <= 30 && announced.length < 2; second += 1) await server().advance(1_000);
      await until(() => announced.length === 2, { timeoutMs: 10_000, what: 'what it had to tell is told' });
      expect(announced.map(({ before, state }) => `${before} ${state.phase}`)).toEqual(['OPEN HELD', 'HELD CANARY']);
    };
    await play(server(), scene, mayAnnounce);
  });
});
