import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openKafka } from '../../src/kafka/connect.ts';
import { describeKafkaError } from '../../src/kafka/errors.ts';
import { silentLogger } from '../support/silent-logger.ts';

describe('a wait for Kafka that was in vain', () => {
  it.each([
    ['names the setting that ended it', { limitSetting: 'VF_STARTUP_TIMEOUT' }, /within 1\.5 s \(VF_STARTUP_TIMEOUT\): .*ECONNREFUSED/],
    ['names no setting if none ended it', {}, /within 1\.5 s: .*ECONNREFUSED/],
  ])('%s, and the last reason', async (_, limit, message) => {
    const settings = { brokers: ['127.0.0.1:1'], ssl: false, logger: silentLogger };
    await expect(openKafka({ ...settings, startupTimeoutMs: 1_500, ...limit })).rejects.toThrow(message);
  });

  it('says so if nothing came back at all', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const settings = { brokers: [`127.0.0.1:${port}`], ssl: false, logger: silentLogger };
    const failure = openKafka({ ...settings, startupTimeoutMs: 300 });
    await expect(failure).rejects.toThrow(/within 0\.3 s: neither an answer nor a refusal came$/);
    silent.close();
  });
});

it.each([
  [Object.assign(new Error(''), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [new Error('with content'), 'unknown error'],
  [new TypeError('with content'), 'TypeError'],
])('an error of no library is named by its code or its class, never "Error": %s', (error, name) => {
  expect(describeKafkaError(error)).toBe(name);
});
