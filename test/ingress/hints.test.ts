import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import type { InboundRecord } from '../../src/ingress/ports.ts';
import { until } from '../support/until.ts';
import { batchOf, HINTS, recordOf } from './support/records.ts';
import { rig } from './support/rig.ts';

describe('hints', () => {
  const hint = (offset: bigint): InboundRecord => recordOf({ token: `tok-${offset}`, kind: 'SESSION_ENDED' }, { topic: HINTS, offset });

  it('are delivered to the workflow of the token', async () => {
    const { ingress, events } = rig();
    await ingress.onBatch(batchOf([hint(0n)]));
    expect(events.named('hintDelivered')).toHaveLength(1);
  });

  it('that call themselves trusted are delivered as untrusted, counted, and refused by nobody', async () => {
    const sent: unknown[] = [];
    const send = async (_workflowId: string, asked: unknown) => await Promise.resolve((sent.push(asked), 'DELIVERED' as const));
    const trusted = recordOf({ token: 'tok-1', kind: 'SESSION_ENDED', trusted: true }, { topic: HINTS });
    const { ingress, events, letters } = rig({ hintSender: { send } });
    await ingress.onBatch(batchOf([trusted]));
    expect(sent).toMatchObject([{ kind: 'SESSION_ENDED', trusted: false }]);
    expect(events.named('hintDistrusted')).toMatchObject([{ topic: HINTS, offset: trusted.offset, kind: 'SESSION_ENDED' }]);
    expect([letters, events.named('hintDelivered').length]).toEqual([[], 1]);
  });

  it('for a workflow that is not there yet hold up nothing, and are delivered when it comes', async () => {
    let answers = 0;
    const send = async () => await Promise.resolve((answers += 1) < 4 ? ('NOT_FOUND' as const) : ('DELIVERED' as const));
    const { ingress, events } = rig({ hintSender: { send } });
    const batch = batchOf([hint(0n)]);
    await ingress.onBatch(batch);
    expect(batch.commits).toEqual([1n]);
    await until(() => events.named('hintDelivered').length === 1, { timeoutMs: 2000, what: 'delivery' });
  });

  it('are dropped and counted after 30 s', async () => {
    const { ingress, events, time } = rig({ hintSender: { send: async () => await Promise.resolve('NOT_FOUND' as const) } });
    const startedAtMs = time.nowMs;
    await ingress.onBatch(batchOf([hint(0n)]));
    await until(() => events.named('hintDropped').length === 1, { timeoutMs: 2000, what: 'the drop' });
    expect(events.named('hintDropped')[0]).toMatchObject({ why: 'NOT_FOUND' });
    expect(time.nowMs - startedAtMs).toBeGreaterThanOrEqual(30_000);
    expect(time.nowMs - startedAtMs).toBeLessThan(45_000);
  });

  it.each([
    ['at once', ['REFUSED' as const]],
    ['after waiting for the verification', ['NOT_FOUND' as const, 'NOT_FOUND' as const, 'REFUSED' as const]],
  ])('refused for ever, %s, are dropped and counted, and stop nothing', async (_when, answers) => {
    const send = async () => await Promise.resolve(answers.shift() ?? ('DELIVERED' as const));
    const { ingress, events, letters } = rig({ hintSender: { send } });
    const batch = batchOf([hint(0n)]);
    await ingress.onBatch(batch);
    await until(() => events.named('hintDropped').length === 1, { timeoutMs: 2000, what: 'the drop' });
    expect(events.named('hintDropped')).toMatchObject([{ why: 'REFUSED' }]);
    expect([letters, batch.commits, events.named('paused'), events.named('hintDelivered')]).toEqual([[], [1n], [], []]);
  });

  it('beyond the room for waiting ones are dropped and counted, and closing drops the rest', async () => {
    const sleep = async (_ms: number, signal?: AbortSignal) =>
      await new Promise<void>((resolve) => (signal?.aborted === true ? resolve() : signal?.addEventListener('abort', () => resolve())));
    const { ingress, events } = rig({
      hintSender: { send: async () => await Promise.resolve('NOT_FOUND' as const) },
      maxWaitingHints: 2,
      clock: { now: Date.now, sleep },
    });
    await ingress.onBatch(batchOf([hint(0n), hint(1n), hint(2n)]));
    expect(events.named('hintDropped')).toMatchObject([{ why: 'OVERLOAD' }]);
    await ingress.close();
    expect(events.named('hintDropped').map(({ why }) => why)).toEqual(['OVERLOAD', 'STOPPED', 'STOPPED']);
  });

  it('that wait for their turn to be sent again are dropped by closing, which waits for those under way alone', async () => {
    const down = new DependencyUnavailableError('temporal', 'no answer');
    let sends = 0;
    let timeOut = (): void => undefined;
    const timedOut = new Promise<void>((resolve) => (timeOut = resolve));
    const send = async () => {
      sends += 1;
      if (sends <= 20) return 'NOT_FOUND' as const;
      await timedOut;
      throw down;
    };
    const { ingress, events } = rig({ hintSender: { send } });
    await ingress.onBatch(batchOf(Array.from({ length: 20 }, (_, index) => hint(BigInt(index)))));
    await until(() => sends === 28, { timeoutMs: 2000, what: 'as many sends as there may be at once' });
    const closed = ingress.close();
    timeOut();
    await closed;
    expect([sends, events.named('hintDropped').filter(({ why }) => why === 'STOPPED').length]).toEqual([28, 20]);
  });
});
