import { expect, it } from 'vitest';
import { type Holder, judgeKeys, payloadHolders } from '../../../src/operator/doctor/keys.ts';

const keysOf = (ids: Readonly<Record<string, string>>) => Object.entries(ids).map(([id, print]) => ({ id, print }));

function holder(who: string, payloads?: Readonly<Record<string, string>>, encrypts = true): Holder {
  const mark = { version: '1.0.0', keys: keysOf({ k1: 'a' }), fromFile: false };
  return {
    who,
    mark: payloads === undefined ? mark : { ...mark, payloads: { keys: keysOf(payloads), fromFile: false, encrypts } },
    seals: who === 'ingress',
    opens: who === 'worker',
  };
}

it.each<[string, readonly Holder[], string, RegExp]>([
  ['a worker without the key of an ingress', [holder('ingress', { p1: 'a' }), holder('worker')], 'FAIL', /worker lacks key p1/],
  [
    'an ingress without the key of a worker, whose gate it has to read',
    [holder('ingress'), holder('worker', { p1: 'a' })],
    'FAIL',
    /lacks key p1/,
  ],
  ['another key of the same id', [holder('ingress', { p1: 'a' }), holder('worker', { p1: 'b' })], 'FAIL', /is another one/],
  ['a worker that only decrypts', [holder('ingress', { p1: 'a' }), holder('worker', { p1: 'a' }, false)], 'OK', /same p1/],
  [
    'nobody encrypts yet, and some have the key',
    [holder('ingress', { p1: 'a' }, false), holder('worker')],
    'WARN',
    /VF_PAYLOAD_KEYS|hold the same/,
  ],
])('payload keys: %s', (_what, holders, status, saw) => {
  const [found] = judgeKeys(payloadHolders(holders), 'VF_PAYLOAD_KEYS');
  expect([found?.status, found?.saw]).toEqual([status, expect.stringMatching(saw)]);
});

it('payload keys: nobody has any', () => {
  expect(payloadHolders([holder('ingress'), holder('worker')])).toEqual([]);
});
