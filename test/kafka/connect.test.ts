import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { openKafka } from '../../src/kafka/connect.ts';
import { describeKafkaError } from '../../src/kafka/errors.ts';
import { saslOptions } from '../../src/kafka/sasl.ts';
import { createAuthority } from '../support/certificates.ts';
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

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

describe('a broker whose certificate does not hold', () => {
  const authority = createAuthority('cluster');
  const [past, future] = [new Date(Date.now() - 1_000), new Date(Date.now() + 3_600_000)];

  it.each([
    ['has expired', { hosts: ['127.0.0.1'], notAfter: past }, /of the broker, or of its authority, has expired: renew it there/],
    ['is not valid yet', { hosts: ['127.0.0.1'], notBefore: future }, /not valid yet: check the clock/],
    ['is for another host', { hosts: ['other.test'] }, /for other names than its address.*VF_KAFKA_SSL_SERVER_NAME/],
    ['is for none', {}, /for other names than its address/],
  ])('because it %s is not spoken to, and the reason is named', async (_, subject, reason) => {
    const server = createTlsServer(authority.issue({ name: 'broker', ...subject }), (socket) => void socket.on('error', () => undefined));
    server.on('tlsClientError', () => undefined);
    const settings = { brokers: [await listening(server)], ssl: { ca: authority.cert }, logger: silentLogger };
    await expect(openKafka({ ...settings, startupTimeoutMs: 500 })).rejects.toThrow(reason);
    server.close();
  });
});

it('credentials go in clear to no broker elsewhere, whoever named it', async () => {
  const sasl = saslOptions(() => ({ mechanism: 'plain', username: 'jane', password: 'invented' }));
  const settings = { brokers: ['192.0.2.1:9092'], ssl: false, sasl, logger: silentLogger, startupTimeoutMs: 500 };
  await expect(openKafka(settings)).rejects.toThrow(
    /192\.0\.2\.1:9092 is not on this machine, and SASL would reach it without TLS: set VF_KAFKA_SSL/,
  );
});
