import { describe, expect, it } from 'vitest';
import type { ReadGate } from '../../activities/ports.ts';
import type { CanaryEnd, StopOrder } from '../../src/contracts/gate.ts';
import { gateAfter, type GateEvent, type GateState, openGate } from '../../src/domain/gate/gate.ts';
import { createReadGate } from '../../src/temporal/gate/read-gate.ts';
import { answer, PASSED_READ, UNCERTAIN_READ } from '../support/verification-input.ts';

const AT = '2026-01-05T10:00:00.000Z';
const QUEUE = 'q-reads';
const STOP_READ = answer({ status: 'FAILED', verifyError: 'DATA_SOURCE_ERROR' });
const HOLD: GateEvent = { kind: 'HOLD', at: AT, by: 'jane', reason: 'x' };
const RESUME: GateEvent = { kind: 'RESUME', at: AT, by: 'joe', reason: 'y' };
const claimBy = (verificationId: string): GateEvent => ({ kind: 'CANARY_CLAIMED', at: AT, verificationId });
const LATER: GateEvent = { kind: 'TIME_PASSED', at: '2026-01-05T10:01:00.000Z' };
const direct = { taskQueue: 'q', verificationId: 'v1' };
const queued = { taskQueue: QUEUE, verificationId: 'v1' };

/** One worker, whose gate is changed as others would change it. `stops`: what `stop` answers. */
function rig({ stops = 'HELD', claims = true }: { readonly stops?: 'HELD' | 'REFUSED' | 'UNTOLD'; readonly claims?: boolean } = {}) {
  const told: (StopOrder | CanaryEnd | string)[] = [];
  const now: { state: GateState | undefined } = { state: openGate(AT) };
  const gate = createReadGate({
    state: () => now.state,
    words: {
      stop: async (order) => await Promise.resolve((told.push(order), stops)),
      async claim({ verificationId }) {
        told.push(verificationId);
        if (!claims) return await Promise.resolve(undefined);
        // Of which the worker has not heard yet.
        return gateAfter(now.state ?? openGate(AT), { kind: 'CANARY_CLAIMED', at: AT, verificationId });
      },
      canaryEnded: async (end) => await Promise.resolve(void told.push(end)),
      account: async () => await Promise.resolve(),
    },
    by: 'worker:a:1',
    readsQueue: QUEUE,
    settings: { dataSourceErrors: 1, windowMs: 60_000, refusals: 5 },
    onStop: ({ reason }) => void told.push(reason),
    now: () => Date.parse(AT),
  });
  const change = (...events: GateEvent[]): void => {
    for (const event of events) now.state = gateAfter(now.state ?? openGate(AT), event);
  };
  return { gate, told, change, forget: () => (now.state = undefined) };
}

const kindOf = async (gate: ReadGate, dispatch: typeof direct): Promise<string> => (await gate.ask(dispatch)).kind;

async function open(gate: ReadGate, dispatch = direct) {
  const entry = await gate.ask(dispatch);
  if (entry.kind !== 'OPEN') throw new Error('it is closed');
  return entry;
}

describe('the gate as a worker meets it', () => {
  it.each<[string, GateEvent[], string, string]>([
    ['open', [], 'OPEN', 'OPEN'],
    ['held', [HOLD], 'CLOSED', 'CLOSED'],
    ['open with a rate of the account', [{ kind: 'ACCOUNT', perSecond: 5 }], 'CLOSED', 'OPEN'],
    ['looking for a canary', [HOLD, RESUME], 'CLOSED', 'OPEN'],
    ['trying one', [HOLD, RESUME, claimBy('v0')], 'CLOSED', 'CLOSED'],
  ])('while it is %s', async (_name, events, eager, fromQueue) => {
    const { gate, change } = rig();
    change(...events);
    expect([await kindOf(gate, direct), await kindOf(gate, queued)]).toEqual([eager, fromQueue]);
  });

  it('while nobody here can say, nothing begins', async () => {
    const { gate, forget } = rig();
    forget();
    expect(await gate.ask(queued)).toMatchObject({ kind: 'CLOSED', gate: { reason: 'the gate cannot be asked at present' } });
  });

  it('answers from memory, so that an open gate costs a read nothing', () => {
    expect(rig().gate.ask(direct)).not.toBeInstanceOf(Promise);
  });

  it('a hold takes back what it had let in and has not sent its first byte', async () => {
    const { gate, change } = rig();
    const entry = await open(gate);
    expect(entry.closedMeanwhile()).toBeUndefined();
    change(HOLD);
    expect(entry.closedMeanwhile()).toMatchObject({ by: 'jane', reason: 'x' });
  });

  it('closes for all reads of the worker before it has told the gate, and goes by the gate from then on', async () => {
    const { gate, told, change } = rig();
    const [other, entry] = [await open(gate), await open(gate)];
    entry.ended(STOP_READ);
    expect(told).toEqual([
      'the vendor answered DATA_SOURCE_ERROR',
      { by: 'worker:a:1', reason: 'the vendor answered DATA_SOURCE_ERROR', asOfHolds: 0 },
    ]);
    expect([await kindOf(gate, direct), await kindOf(gate, queued)]).toEqual(['CLOSED', 'CLOSED']);
    expect(other.closedMeanwhile()).toMatchObject({ by: 'worker:a:1' });
    change(HOLD, RESUME, claimBy('v0'));
    change({ kind: 'CANARY_ENDED', at: AT, verificationId: 'v0', result: 'WELL', code: 'OK' });
    expect(await kindOf(gate, queued)).toBe('OPEN');
  });

  it.each(['REFUSED', 'UNTOLD'] as const)('reads on like all others if it could not hold the gate: %s', async (stops) => {
    const { gate } = rig({ stops });
    (await open(gate)).ended(STOP_READ);
    expect([gate.isHeldIn(openGate(AT)), await kindOf(gate, direct)]).toEqual([true, 'CLOSED']);
    await new Promise((resolve) => setImmediate(resolve));
    expect([gate.isHeldIn(openGate(AT)), await kindOf(gate, direct)]).toEqual([false, 'OPEN']);
  });

  it('a canary is claimed, reads whatever phase follows, and tells what it found; only a new hold takes it back', async () => {
    const { gate, told, change } = rig();
    change(HOLD, RESUME);
    const entry = await open(gate, queued);
    change(claimBy('v1'));
    expect(entry.closedMeanwhile()).toBeUndefined();
    entry.ended(PASSED_READ);
    expect(told).toEqual(['v1', { verificationId: 'v1', result: 'WELL', code: 'OK' }]);
    change(HOLD);
    expect(entry.closedMeanwhile()).toMatchObject({ by: 'jane' });
  });

  it.each([
    ['the error again', STOP_READ, { result: 'STOP', code: 'DATA_SOURCE_ERROR' }],
    ['no answer', UNCERTAIN_READ, { result: 'NO_ANSWER', code: expect.stringMatching(/^UNCERTAIN_/) }],
    ['no read at all', undefined, { result: 'NO_ANSWER', code: 'NOT_MADE' }],
  ] as const)('a canary that brought %s says so', async (_name, report, expected) => {
    const { gate, told, change } = rig();
    change(HOLD, RESUME);
    (await open(gate, queued)).ended(report);
    expect(told.at(-1)).toEqual({ verificationId: 'v1', ...expected });
  });

  it.each<[string, (worker: ReturnType<typeof rig>) => unknown, string]>([
    ['nobody here can say any more', ({ forget }) => forget(), 'the gate cannot be asked at present'],
    ['it was given up, and another may try', ({ change }) => change(claimBy('v1'), LATER), 'x'],
    ['it was given up, and another tries', ({ change }) => change(claimBy('v1'), LATER, claimBy('v0')), 'x'],
  ])('a canary that has not sent its first byte does not read once %s', async (_name, happens, reason) => {
    const worker = rig();
    worker.change(HOLD, RESUME);
    const entry = await open(worker.gate, queued);
    expect(entry.closedMeanwhile()).toBeUndefined();
    happens(worker);
    expect(entry.closedMeanwhile()).toMatchObject({ reason });
  });

  it('nor once another read of its worker has met what the vendor says to stop for', async () => {
    const { gate, change } = rig();
    const earlier = await open(gate);
    change(HOLD, RESUME);
    const canary = await open(gate, queued);
    earlier.ended(STOP_READ);
    expect(canary.closedMeanwhile()).toMatchObject({ by: 'worker:a:1' });
  });

  it('tells the gate what a read met although nobody here can say how it stands', async () => {
    const { gate, told, forget } = rig();
    const entry = await open(gate);
    forget();
    entry.ended(STOP_READ);
    expect(told.at(-1)).toEqual({ by: 'worker:a:1', reason: 'the vendor answered DATA_SOURCE_ERROR', asOfHolds: 0 });
  });

  it('tells it also what a canary met that was given up, while reads begin again', async () => {
    const { gate, told, change } = rig();
    change(HOLD, RESUME);
    const entry = await open(gate, queued);
    change(claimBy('v1'), LATER, claimBy('v0'));
    change({ kind: 'CANARY_ENDED', at: AT, verificationId: 'v0', result: 'WELL', code: 'OK' });
    entry.ended(STOP_READ);
    expect(told.at(-1)).toEqual({ by: 'worker:a:1', reason: 'the vendor answered DATA_SOURCE_ERROR', asOfHolds: 1 });
  });

  it('who does not get the claim does not read', async () => {
    const { gate, change } = rig({ claims: false });
    change(HOLD, RESUME);
    expect(await kindOf(gate, queued)).toBe('CLOSED');
  });
});
