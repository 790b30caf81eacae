import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openEnvelope } from '../../src/contracts/wire/cloud-events.ts';
import { traceContextOf } from '../../src/contracts/wire/trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const GOOD = `00-${TRACE}-${PARENT}-01`;
const OTHER = `00-${TRACE}-a3ce929d0e0e4736-00`;

function parentOf(traceparent: unknown): string | undefined {
  return traceContextOf([{ traceparent, tracestate: undefined }]).traceparent;
}

function stateOf(tracestate: unknown): string | undefined {
  return traceContextOf([{ traceparent: GOOD, tracestate }]).tracestate;
}

describe('a traceparent', () => {
  it.each([
    ['of version 00', GOOD, GOOD],
    ['with a flag that we do not know', `00-${TRACE}-${PARENT}-ff`, `00-${TRACE}-${PARENT}-ff`],
    ['in white space', ` ${GOOD}\t`, GOOD],
    ['of a later version', `cc-${TRACE}-${PARENT}-01`, GOOD],
    ['of a later version, with more behind it', `cc-${TRACE}-${PARENT}-03-what-the-future-will-be-like`, GOOD],
    ['of a later version, not sampled', `01-${TRACE}-${PARENT}-08-`, `00-${TRACE}-${PARENT}-00`],
  ])('%s is handed on', (_what, text, handedOn) => {
    expect(parentOf(text)).toBe(handedOn);
  });

  it.each([
    ['version ff', `ff-${TRACE}-${PARENT}-01`],
    ['version 00 with more behind it', `${GOOD}-what`],
    ['version 00 with a dash behind it', `${GOOD}-`],
    ['a later version with something else than a dash', `cc-${TRACE}-${PARENT}-01.what`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capitals', GOOD.toUpperCase()],
    ['a capital in the version', `0A-${TRACE}-${PARENT}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-${PARENT}-01`],
    ['a long trace id', `00-${TRACE}a-${PARENT}-01`],
    ['a short parent id', `00-${TRACE}-${PARENT.slice(1)}-01`],
    ['a letter beyond f', `00-${TRACE}-${PARENT.replace('b', 'g')}-01`],
    ['flags of one digit', `00-${TRACE}-${PARENT}-1`],
    ['nothing', ''],
    ['a number', 7],
    ['no text at all', undefined],
  ])('with %s is dropped, and its tracestate with it', (_what, traceparent) => {
    expect(traceContextOf([{ traceparent, tracestate: 'a=1' }])).toEqual({});
  });
});

describe('a tracestate', () => {
  const longest = `${'a'.repeat(256)}=${'v'.repeat(200)}`;
  it.each([
    ['one member', 'foo=1', 'foo=1'],
    ['several', 'foo=1,bar=2', 'foo=1,bar=2'],
    ['white space and empty members', ' foo=1 ,\t bar=2, ,', 'foo=1,bar=2'],
    ['a tenant', 't61rcwkgmze@vendor=x:y/z', 't61rcwkgmze@vendor=x:y/z'],
    ['every sign of a key', '0z_-*/@=1', '0z_-*/@=1'],
    ['spaces within a value', 'foo=a b', 'foo=a b'],
    ['32 members', members(32), members(32)],
  ])('with %s is handed on', (_what, text, handedOn) => {
    expect(stateOf(text)).toBe(handedOn);
  });

  it.each([
    ['a member without a value', 'foo=1,bar='],
    ['a member without a key', '=1'],
    ['no equals sign', 'foo'],
    ['two equals signs', 'foo=1=2'],
    ['a capital in a key', 'Foo=1'],
    ['a key of 257 signs', `${'a'.repeat(257)}=1`],
    ['a value of 257 signs', `foo=${'1'.repeat(257)}`],
    ['a value beyond ASCII', 'foo=ä'],
    ['the same key twice', 'foo=1,foo=2'],
    ['33 members', members(33)],
    ['nothing', ''],
    ['a number', 7],
  ])('with %s is dropped; the traceparent stays', (_what, tracestate) => {
    expect(traceContextOf([{ traceparent: GOOD, tracestate }])).toEqual({ traceparent: GOOD });
  });

  it('of more than 512 signs loses its longest members first, then those at its end', () => {
    expect(stateOf(`a=1,${longest},b=${'v'.repeat(120)}`)).toBe(`a=1,b=${'v'.repeat(120)}`);
    const kept = ['a', 'b', 'c', 'd'].map((key) => `${key}=${'v'.repeat(120)}`);
    expect(stateOf([...kept, 'e=1', `f=${'v'.repeat(120)}`].join(','))).toBe([...kept, 'e=1'].join(','));
  });

  it('is never longer than 512 signs, whatever comes in', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2_000 }), (text) => (stateOf(text)?.length ?? 0) <= 512));
    const member = fc.tuple(fc.stringMatching(/^[a-z][a-z0-9]{0,255}$/), fc.stringMatching(/^[!-+]{1,256}$/));
    const list = fc.array(member, { maxLength: 40 }).map((all) => all.map((pair) => pair.join('=')).join(','));
    fc.assert(fc.property(list, (text) => (stateOf(text)?.length ?? 0) <= 512));
  });
});

describe('of two trace contexts', () => {
  function openedTrace(about: Readonly<Record<string, readonly string[]>>, value: object = {}): object {
    const headers = Object.entries(about).map(([name, texts]) => [name, texts.map((text) => Buffer.from(text))] as const);
    const opened = openEnvelope(Buffer.from(JSON.stringify(value)), new Map(headers));
    if (!opened.ok) throw new Error(opened.problems.join());
    const { data: _data, ...trace } = opened.value;
    return trace;
  }
  const structured = { specversion: '1.0', data: {}, traceparent: GOOD, tracestate: 'own=1' };
  const isStructured = { 'content-type': ['application/cloudevents+json'] };
  const ofRecord = { traceparent: [OTHER], tracestate: ['hop=1'] };

  it.each([
    ['headers of W3C alone', openedTrace(ofRecord), { traceparent: OTHER, tracestate: 'hop=1' }],
    ['the attributes of the event win', openedTrace({ ce_traceparent: [GOOD], ...ofRecord }), { traceparent: GOOD }],
    [
      'the attributes in the event win',
      openedTrace({ ...isStructured, ...ofRecord }, structured),
      { traceparent: GOOD, tracestate: 'own=1' },
    ],
    [
      'those that are not well formed lose, with their state',
      openedTrace({ ce_traceparent: ['00-zz'], ce_tracestate: ['own=1'], ...ofRecord }),
      { traceparent: OTHER, tracestate: 'hop=1' },
    ],
    [
      'of a repeated header the last one counts',
      openedTrace({ traceparent: [GOOD, OTHER], tracestate: ['a=1', 'b=2'] }),
      { traceparent: OTHER, tracestate: 'a=1,b=2' },
    ],
    ['a state without a parent is nothing', openedTrace({ tracestate: ['a=1'] }), {}],
  ])('%s', (_what, seen, expected) => {
    expect(seen).toEqual(expected);
  });
});

function members(count: number): string {
  return Array.from({ length: count }, (_, n) => `k${n}=1`).join(',');
}
