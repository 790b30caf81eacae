import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Secret } from '../../src/config/redact.ts';
import { markOf } from '../../src/config/token-keys.ts';
import { markText, readMark } from '../../src/contracts/process-mark.ts';

const KEY = fc.record(
  { id: fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/), print: fc.stringMatching(/^[0-9a-f]{8}$/) },
  { noNullPrototype: true },
);

it('what a process says of itself is read back as it was said', () => {
  const said = fc.record(
    {
      version: fc.stringMatching(/^\d+\.\d+\.\d+(-dev)?$/),
      keys: fc.array(KEY, { maxLength: 5 }),
      fromFile: fc.boolean(),
      payloads: fc.record(
        { keys: fc.array(KEY, { maxLength: 5 }), fromFile: fc.boolean(), encrypts: fc.boolean() },
        { noNullPrototype: true },
      ),
    },
    { requiredKeys: ['version', 'keys', 'fromFile'], noNullPrototype: true },
  );
  fc.assert(fc.property(said, (mark) => isDeepStrictEqual(readMark(markText(mark)), mark)));
});

it('any other text says nothing', () => {
  for (const text of ['', 'OpenTelemetryPlugin', 'verdictflow/1', 'verdictflow/1 keys', ' verdictflow/1 keys='])
    expect(readMark(text)).toBeUndefined();
});

it('a print is 32 bits of a hash, another one for another key and for another id', () => {
  const key = new Secret(randomBytes(32));
  const { print } = markOf({ id: 'k1', key });
  expect(print).toMatch(/^[0-9a-f]{8}$/);
  expect(markOf({ id: 'k1', key: new Secret(Buffer.from(key.reveal())) }).print).toBe(print);
  expect(markOf({ id: 'k2', key }).print).not.toBe(print);
  expect(markOf({ id: 'k1', key: new Secret(randomBytes(32)) }).print).not.toBe(print);
  expect(key.reveal().toString('hex')).not.toContain(print);
});
