import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { openKafka } from '../../src/kafka/connect.ts';
import { describeKafkaError } from '../../src/kafka/errors.ts';
import { silentLogger } from '../support/silent-logger.ts';

describe('a wait for Kafka that was in vain', () => {
  it.each([
    ['names the setting that ended it', '1500ms', /within 1\.5 s \(VF_STARTUP_TIMEOUT\): .*ECONNREFUSED/],
    ['does not blame the setting for a shorter limit of the caller', '30s', /within 1\.5 s: .*ECONNREFUSED/],
  ])('%s, and the last reason', async (_, timeout, message) => {
    const config = loadConfig({ VF_KAFKA_BROKERS: '127.0.0.1:1', VF_STARTUP_TIMEOUT: timeout }, 'cli');
    await expect(openKafka({ config, logger: silentLogger, timeoutMs: 1_500 })).rejects.toThrow(message);
  });

  it('says so if nothing came back at all', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const config = loadConfig({ VF_KAFKA_BROKERS: `127.0.0.1:${port}` }, 'cli');
    const failure = openKafka({ config, logger: silentLogger, timeoutMs: 300 });
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
