import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createActivities } from '../../activities/create.ts';
import type { EvidenceKeeper, FoundEvidence, ReadRequest, ResultApi } from '../../activities/ports.ts';
import type { GetResultOrder } from '../../src/contracts/workflow.ts';
import { defined } from '../../src/domain/defined.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { EvidenceReference, KeptEvidence } from '../../src/domain/evidence.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { NO_AWAY } from '../support/fake-ledger.ts';
import { spyEvents } from '../support/spy-events.ts';
import { inputAt, PASSED_READ, PENDING_READ, TEST_SEAL } from '../support/verification-input.ts';

const NOW_MS = Date.parse('2026-01-05T10:00:00Z');
const INPUT = inputAt(NOW_MS, { token: 'token-1234567890' });
const IMAGE: FoundEvidence = { kind: 'IMAGE_BEST', contentType: 'image/jpeg', bytes: Buffer.from('image') };
const REFERENCE: EvidenceReference = {
  kind: 'IMAGE_BEST',
  object: `${INPUT.verificationId}/image_best-1`,
  sha256: 'a'.repeat(64),
  bytes: 5,
  contentType: 'image/jpeg',
  keyId: 'k1',
  expiresAt: '2026-02-04T10:00:00.000Z',
};
const KEPT: KeptEvidence = { references: [REFERENCE] };
const LOST: KeptEvidence = { references: [], failures: [{ kind: 'IMAGE_BEST', why: 'STORE_UNREACHABLE' }] };
const KEEP_FOR_MS = 15_000;

beforeEach(() => vi.useFakeTimers({ now: NOW_MS, toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => vi.useRealTimers());

type Rig = { report?: ReadReport; keep?: EvidenceKeeper['keep']; keepAnswer?: boolean; found?: readonly FoundEvidence[] };

/** An order and its dispatch, run over a vendor that brings an image. */
function rig({ report = PASSED_READ, keep, keepAnswer = false, found = [IMAGE] }: Rig) {
  const log: string[] = [];
  const asked: ReadRequest[] = [];
  const events = spyEvents();
  const resultApi: ResultApi = {
    async getResult(query) {
      asked.push(query);
      if (found.length > 0) query.evidence?.found(found);
      log.push('read');
      return report;
    },
  };
  const keeper = keep && { keep: vi.fn<EvidenceKeeper['keep']>(keep) };
  const { getResult } = createActivities({
    resultApi,
    ...NO_AWAY,
    tokenOpener: TEST_SEAL,
    outcomeSink: { publish: () => Promise.reject(new Error('not used')) },
    gate: { ask: () => ({ kind: 'OPEN', closedMeanwhile: () => undefined, ended: () => void log.push('gate told') }) },
    onIdle: () => void log.push('place given back'),
    events,
    now: Date.now,
    ...defined({ evidence: keeper && { keeper, keepAnswer, keepForMs: KEEP_FOR_MS } }),
  });
  const read = async (order: Partial<GetResultOrder> = {}, startToCloseTimeoutMs = 60_000): Promise<unknown> => {
    const at = { scheduledTimestampMs: 5, currentAttemptScheduledTimestampMs: 5, startToCloseTimeoutMs };
    const workflowExecution = { workflowId: workflowIdOf(INPUT.verificationId), runId: 'home' };
    const home = new MockActivityEnvironment({ inWorkflow: true, isLocal: false, attempt: 1, workflowExecution, ...at });
    const { verificationId, sealedToken, deadlineAt } = INPUT;
    const quota = { maxReads: 3, maxRefusals: 5, countRefused: false, countedReads: 0, deadlineAt, originalRunId: 'home', stamped: true };
    const asks = { v: 1, verificationId, sealedToken, slot: 1, trigger: 'SCHEDULE', returnImage: 2, ...quota, ...order } as const;
    return await home.run(getResult, asks);
  };
  return { read, log, asked, events, keeper };
}

it('what an answer brought is kept once limiter and gate have heard of the read, and the report says what became of it', async () => {
  const { read, log, keeper, events } = rig({ keep: async () => (log.push('kept'), KEPT) });
  expect(await read()).toEqual({ ...PASSED_READ, evidence: KEPT });
  expect(log).toEqual(['read', 'gate told', 'kept']);
  expect(keeper?.keep).toHaveBeenCalledExactlyOnceWith({
    verificationId: INPUT.verificationId,
    found: [IMAGE],
    untilMs: NOW_MS + KEEP_FOR_MS,
  });
  expect(events.evidenceBroke).not.toHaveBeenCalled();
});

it('the images that the order wishes are asked for, and the answer itself if it is to be kept', async () => {
  for (const returnImage of [0, 1, 2] as const) {
    const { read, asked } = rig({ keep: async () => KEPT, keepAnswer: true });
    await read({ returnImage });
    expect(asked).toEqual([expect.objectContaining({ returnImage, evidence: { keepAnswer: true, found: expect.any(Function) } })]);
  }
});

it('without a store no image is asked for, whatever the producer wishes, and nothing is kept', async () => {
  const { read, asked } = rig({});
  expect(await read()).toEqual(PASSED_READ);
  expect(asked.map(({ returnImage, evidence }) => [returnImage, evidence])).toEqual([[0, undefined]]);
});

it('a read that brings nothing for keeping waits for no store', async () => {
  const { read, keeper } = rig({ report: PENDING_READ, keep: async () => KEPT, found: [] });
  expect(await read()).toEqual(PENDING_READ);
  expect(keeper?.keep).not.toHaveBeenCalled();
});

it.each<[string, EvidenceKeeper['keep'], string | undefined]>([
  ['cannot keep it', async () => LOST, undefined],
  ['rejects', () => Promise.reject(new TypeError('x')), 'TypeError'],
  [
    'throws',
    () => {
      throw new TypeError('x');
    },
    'TypeError',
  ],
  ['never answers', () => new Promise(() => undefined), 'Late'],
])('the answer is reported as it was when the keeper %s, within its time', async (_name, keep, errorName) => {
  const { read, asked, events } = rig({ keep });
  const report = read();
  await vi.advanceTimersByTimeAsync(KEEP_FOR_MS + 600);
  expect(await report).toEqual({ ...PASSED_READ, evidence: LOST });
  expect(asked).toHaveLength(1);
  expect(events.evidenceBroke.mock.calls.map(([event]) => event.errorName)).toEqual(errorName === undefined ? [] : [errorName]);
});

it('nothing is put any more when the worker would count as lost before it could answer', async () => {
  const { read, keeper } = rig({ keep: async () => KEPT });
  await read({}, 10_000);
  expect(keeper?.keep).toHaveBeenCalledWith(expect.objectContaining({ untilMs: NOW_MS + 7_000 }));
});

it('while the store is away reads wait for it briefly, and as long as ever once it is back', async () => {
  const answers = [LOST, LOST, KEPT, KEPT];
  const { read, keeper } = rig({ keep: async () => answers.shift() ?? KEPT });
  for (let reads = 0; reads < 4; reads += 1) await read();
  const waited = keeper?.keep.mock.calls.map(([{ untilMs }]) => untilMs - NOW_MS);
  expect(waited).toEqual([KEEP_FOR_MS, 2_000, 2_000, KEEP_FOR_MS]);
});
