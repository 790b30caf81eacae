import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hostPortOf, hostPortText } from '../../src/contracts/host-port.ts';

it.each<[string, ReturnType<typeof hostPortOf>]>([
  ['kafka:9092', { host: 'kafka', port: 9_092 }],
  ['kafka', { host: 'kafka' }],
  ['10.0.0.1:1', { host: '10.0.0.1', port: 1 }],
  ['[::1]:9092', { host: '::1', port: 9_092 }],
  ['[::1]', { host: '::1' }],
  ['::1', { host: '::1' }],
  ['fd00::9092', { host: 'fd00::9092' }],
  ['', { host: '' }],
])('%s', (address, parts) => {
  expect(hostPortOf(address)).toEqual(parts);
});

it('what is joined comes apart again, whatever the host is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      expect(hostPortOf(hostPortText({ host, port }))).toEqual({ host, port });
      expect(new URL(`http://${hostPortText({ host, port })}`).port).toBe(port === 80 ? '' : String(port));
    }),
  );
});
