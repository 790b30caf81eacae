import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { withReadableOrders } from '../../activities/readable-orders.ts';
import type { GetResultOrder, VerificationActivities } from '../../src/contracts/workflow.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { createPayloadCodec, type PayloadKeys } from '../../src/temporal/payload-codec.ts';
import { createStarter } from '../../src/temporal/start.ts';
import type { resolveVerification } from '../../workflows/index.ts';
import { REPRESENTATIVE_CASES } from '../support/representative-cases.ts';
import { until } from '../support/until.ts';
import { inputAt, PASSED_READ, PENDING_READ } from '../support/verification-input.ts';
import { useVirtualServer, type VirtualServer } from '../support/workflow-env.ts';
import { runScenario, type Scenario } from '../support/workflow-rig.ts';

const P1 = { id: 'p1', key: Buffer.alloc(32, 1) };
const P2 = { id: 'p2', key: Buffer.alloc(32, 2) };
const READS: Scenario = { reads: [PENDING_READ, PASSED_READ] };

function codecOf(keys: PayloadKeys['keys'], encrypts = true): PayloadCodec {
  return createPayloadCodec({ current: () => ({ keys, encrypts }) });
}

describe('a verification whose payloads are encrypted', () => {
  const server = useVirtualServer();

  it.each(['pending-then-passed', 'waits-then-hinted', 'read-recovered', 'emission-repeated', 'cancelled-while-waiting'])(
    '%s: comes to the same outcome, and its history tells nothing',
    async (name) => {
      const scenario = REPRESENTATIVE_CASES[name] ?? READS;
      const [clear, encrypted] = [
        await runScenario(server(), scenario),
        await runScenario(server(), { ...scenario, codec: { workers: codecOf([P1]) } }),
      ];
      expect(encrypted.result.outcome.outcome).toBe(clear.result.outcome.outcome);
      expect(encrypted.result.outcome.reasons).toEqual(clear.result.outcome.reasons);
      expect(encrypted.history.events?.map(({ eventType }) => eventType)).toEqual(clear.history.events?.map(({ eventType }) => eventType));
      expect(clearTexts(clear.json).length).toBeGreaterThan(3);
      expect(clearTexts(encrypted.json)).toEqual([]);
    },
  );

  it.each<[string, Scenario['codec'] & object]>([
    ['encryption began meanwhile', { starts: codecOf([]), workers: codecOf([P1]) }],
    ['encryption was given up meanwhile', { starts: codecOf([P1]), workers: codecOf([P1], false) }],
    ['the key was changed meanwhile', { starts: codecOf([P1]), workers: codecOf([P2, P1]) }],
  ])('ends well if %s, and re-executes with any worker that holds the keys', async (_name, codec) => {
    const { result, json } = await runScenario(server(), { ...READS, codec });
    expect(result.outcome.outcome).toBe('PASSED');
    for (const keys of [codecOf([P2, P1]), codecOf([P1, P2], false)])
      await Worker.runReplayHistory(
        { workflowBundle: { codePath: inject('workflowBundlePath') }, dataConverter: { payloadCodecs: [keys] } },
        historyFromJSON(JSON.parse(json)),
      );
  });
});

describe('a worker without the key', () => {
  const server = useVirtualServer();
  const running: { readonly worker: Worker; readonly ended: Promise<void> }[] = [];
  afterEach(async () => {
    for (const { worker } of running) worker.shutdown();
    await Promise.all(running.map(({ ended }) => ended));
    running.length = 0;
    vi.restoreAllMocks();
  });

  it('of workflows fails the task by name, changes nothing and loses no answer, until one with the key comes', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined); // the failed tasks
    // Side by side, because the server lets a failed task wait for 10 s: an input that is encrypted, and an answer beside one in clear.
    const cases = [
      { encrypts: true, without: codecOf([P2]), orders: 0 },
      { encrypts: false, without: codecOf([]), orders: 1 },
    ];
    const waiting = await Promise.all(
      cases.map(async ({ encrypts, without, orders: made }) => {
        const { handle, taskQueue, orders, scripted } = await admitted(server(), { encrypts });
        if (!encrypts) await run({ taskQueue, codec: codecOf([P1]), only: 'activities', activities: scripted });
        const worker = await run({ taskQueue, codec: without, only: 'workflows', activities: scripted });
        await until(async () => failedTasks(await handle.fetchHistory()).length > 0, { timeoutMs: 20_000, what: 'a failed workflow task' });
        expect(failedTasks(await handle.fetchHistory())).toContainEqual(
          expect.stringContaining('encrypted with key "p1", which VF_PAYLOAD_KEYS does not hold'),
        );
        expect(orders).toHaveLength(made);
        expect((await handle.describe()).status.name).toBe('RUNNING');
        await stop(worker);
        await run({ taskQueue, codec: codecOf([P1]), activities: scripted, ...(encrypts ? {} : { only: 'workflows' }) });
        return { handle, orders };
      }),
    );
    const results = await server().skipping(Promise.all(waiting.map(({ handle }) => handle.result())));
    for (const result of results) expect(result.outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 1 } });
    expect(waiting.map(({ orders }) => orders.length)).toEqual([1, 1]);
  });

  it('of activities sends nothing, which gives the slot back, and leaves the read to one with the key', async () => {
    const { handle, taskQueue, orders, scripted } = await admitted(server(), { encrypts: true });
    const broke = vi.fn();
    const worker = await run({
      taskQueue,
      codec: codecOf([P2]),
      only: 'activities',
      activities: withReadableOrders(scripted, { readBroke: broke }),
    });
    await run({ taskQueue, codec: codecOf([P1, P2]), only: 'workflows', activities: scripted });
    await until(() => broke.mock.calls.length > 0, { timeoutMs: 20_000, what: 'a read that was not made' });
    expect(broke).toHaveBeenCalledWith(expect.objectContaining({ stage: 'OPEN_TOKEN', errorName: 'PayloadUnreadableError' }));
    expect(orders).toEqual([]);
    await stop(worker);
    await run({ taskQueue, codec: codecOf([P1, P2]), only: 'activities', activities: withReadableOrders(scripted, { readBroke: broke }) });
    const result = await server().skipping(handle.result());
    expect(result.outcome).toMatchObject({ outcome: 'PASSED', retrieval: { callsUsed: 1, callsUncertain: 0 } });
    expect(orders).toHaveLength(1);
  });

  type Running = { readonly worker: Worker; readonly ended: Promise<void> };

  async function run(options: {
    readonly taskQueue: string;
    readonly codec: PayloadCodec;
    readonly activities: VerificationActivities;
    /** Default: both. Whoever has workflows alone still emits from the task that decides. */
    readonly only?: 'workflows' | 'activities';
  }): Promise<Running> {
    const { taskQueue, codec, activities, only } = options;
    const worker = await Worker.create({
      connection: server().native,
      taskQueue,
      identity: 'rig',
      dataConverter: { payloadCodecs: [codec] },
      activities,
      enableNonLocalActivities: only !== 'workflows',
      ...(only === 'activities' ? {} : { workflowBundle: { codePath: inject('workflowBundlePath') } }),
    });
    const started = { worker, ended: worker.run() };
    running.push(started);
    return started;
  }

  async function stop(started: Running): Promise<void> {
    running.splice(running.indexOf(started), 1);
    started.worker.shutdown();
    await started.ended;
  }
});

/** `encrypts`: the start does; whoever looks holds the key. */
async function admitted(server: VirtualServer, { encrypts }: { readonly encrypts: boolean }) {
  const nowMs = await server.nowMs();
  const input = inputAt(nowMs);
  const taskQueue = `encrypted-${randomUUID()}`;
  const orders: GetResultOrder[] = [];
  const scripted: VerificationActivities = {
    async getResult(order) {
      orders.push(order);
      return PASSED_READ;
    },
    emitOutcome: async () => ({ topic: 'outcomes', partition: 0, offset: '1' }),
  };
  const client = new Client({ connection: server.client.connection, dataConverter: { payloadCodecs: [codecOf([P1, P2], encrypts)] } });
  const starter = createStarter({ client, taskQueue, now: () => nowMs });
  const workflowId = workflowIdOf(input.verificationId);
  await starter.start({ workflowId, input, origin: { origin: 'ingress', ...input.source, admittedAt: input.admittedAt } });
  const handle: WorkflowHandle<typeof resolveVerification> = client.workflow.getHandle(workflowId);
  return { handle, taskQueue, orders, scripted };
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

function failedTasks({ events }: History): readonly string[] {
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? []);
}

/** Search attributes, and what the SDK's core writes itself of a local activity: its type, and when it was. */
const IN_CLEAR = ['searchAttributes', 'data'];

/** What a history holds in clear besides. */
function clearTexts(json: string): readonly string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('metadata' in value && 'data' in value && !JSON.stringify(value.metadata).includes(base64('binary/encrypted')))
      found.push(Buffer.from(String(value.data), 'base64').toString());
    for (const [name, part] of Object.entries(value)) if (!IN_CLEAR.includes(name)) look(part);
  };
  look(JSON.parse(json));
  return found;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
