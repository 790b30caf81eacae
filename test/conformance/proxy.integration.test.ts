import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, expect, inject, it } from 'vitest';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { selfSigned } from '../support/certificate.ts';
import { freePort, pipelineEnv, produce, watchTopic } from '../support/pipeline.ts';
import { killAllProcesses, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';

afterAll(killAllProcesses);

const VENDOR = 'vendor.test';
const PASSWORD = 'pass-7f3a91';
const CREDENTIALS = Buffer.from(`us@er:${PASSWORD}`).toString('base64');

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

function joined(one: Socket, other: Socket): void {
  for (const socket of [one, other]) socket.on('error', () => socket.destroy());
  one.pipe(other).pipe(one);
}

/** The vendor as the internet has it: TLS in front of the emulator. */
async function tlsInFrontOf(emulatorPort: number, { pfx, passphrase }: { pfx: Buffer; passphrase: string }): Promise<Server> {
  return createTlsServer({ pfx, passphrase }, (socket) => joined(socket, connect(emulatorPort, '127.0.0.1')));
}

/** A proxy that tunnels to one host, for who has the password; while it is closed, it answers 502. */
function tunnelTo(port: number): {
  server: Server;
  asked: { target: string; allowed: boolean }[];
  bytes: () => string;
  close: (now: boolean) => void;
} {
  const asked: { target: string; allowed: boolean }[] = [];
  const seen: Buffer[] = [];
  let closed = false;
  const server = createServer();
  server.on('connect', (request, socket: Socket, head: Buffer) => {
    const allowed = request.headers['proxy-authorization'] === `Basic ${CREDENTIALS}`;
    asked.push({ target: request.url ?? '', allowed });
    if (!allowed || closed) {
      socket.end(`HTTP/1.1 ${closed ? 502 : 407} No\r\n\r\n`);
      return;
    }
    const vendor = connect(port, '127.0.0.1');
    vendor.on('connect', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    socket.on('data', (chunk: Buffer) => seen.push(chunk));
    vendor.write(head);
    joined(socket, vendor);
  });
  return { server, asked, bytes: () => Buffer.concat(seen).toString('latin1'), close: (now) => (closed = now) };
}

it('reads go through the proxy of HTTPS_PROXY, each in a tunnel of its own; what it refuses has not left, and it learns nothing', async () => {
  const kafkaBrokers = inject('kafkaBrokers');
  const emulatorPort = await freePort();
  const logPath = join(mkdtempSync(join(tmpdir(), 'verdictflow-emulator-')), 'requests.ndjson');
  const certificate = await selfSigned(VENDOR);
  const vendor = await tlsInFrontOf(emulatorPort, certificate);
  const proxy = tunnelTo(await listening(vendor));
  const proxyPort = await listening(proxy.server);
  const shared = pipelineEnv({
    kafkaBrokers,
    temporalAddress: inject('temporalAddress'),
    emulatorPort,
    overrides: {
      VF_EMULATOR_PORT: String(emulatorPort),
      VF_EMULATOR_LOG: logPath,
      VF_POLICY_PROFILE: 'demo',
      VF_WINDOW: '60s',
      VF_POLICY_MIN_GAP: '500ms',
      VF_POLICY_ERROR_BACKOFF: '1s',
      VF_LOG_LEVEL: 'debug',
    },
  });
  await startProcess(['emulator'], shared).ready();
  const service = startProcess(['all'], {
    ...shared,
    VF_FACEID_BASE_URL: `https://${VENDOR}/faceid`,
    // Kafka has no proxy and Temporal is not reached through this one, so that both go on as they do.
    HTTPS_PROXY: `http://us%40er:${PASSWORD}@127.0.0.1:${proxyPort}`,
    NODE_EXTRA_CA_CERTS: certificate.caFile,
  });
  await service.ready();
  const outcomes = await watchTopic(kafkaBrokers, shared['VF_KAFKA_OUTCOME_TOPIC'] ?? '');
  try {
    proxy.close(true);
    const tokens = [1, 2, 3].map(() => mintToken({ scenario: 'ready-pass', issuedAtMs: Date.now() }));
    await produce(
      kafkaBrokers,
      shared['VF_KAFKA_REQUEST_TOPIC'] ?? '',
      tokens.map((token) => ({ value: JSON.stringify({ token }) })),
    );
    await until(() => proxy.asked.length >= 2, { timeoutMs: 30_000, what: 'two refused tunnels' });
    proxy.close(false);
    await until(() => outcomes.seen.length === 3, { timeoutMs: 60_000, what: 'the outcomes' });
    service.kill('SIGTERM');
    await service.exit();

    expect(outcomes.seen.map(({ value }) => JSON.parse(value).outcome)).toEqual(['PASSED', 'PASSED', 'PASSED']);
    const log = await readEmulatorLog(logPath);
    const reads = [...log.tokens.values()].reduce((sum, one) => sum + one.reads, 0);
    expect(reads).toBe(3);
    // The refused ones were not counted, and each read had a tunnel that it shared with no other.
    const used = outcomes.seen.reduce((sum, { value }) => sum + Number(JSON.parse(value).retrieval.callsUsed), 0);
    expect(used).toBe(reads);
    const refused = [...service.output().matchAll(/"kind":"UNSENT","code":"CONNECT_FAILED"/g)].length;
    expect(refused).toBeGreaterThanOrEqual(2);
    expect(proxy.asked).toHaveLength(reads + refused);
    expect(proxy.asked.every(({ target, allowed }) => target === `${VENDOR}:443` && allowed)).toBe(true);

    const secrets = [PASSWORD, CREDENTIALS, shared['VF_FACEID_API_SECRET'] ?? '', ...tokens];
    for (const secret of secrets) expect(service.output()).not.toContain(secret);
    for (const secret of secrets) expect(proxy.bytes()).not.toContain(secret);
    expect(service.output()).toContain(`"event":"vendor-proxy","proxy":"http://127.0.0.1:${proxyPort}","setting":"HTTPS_PROXY"`);
  } finally {
    await outcomes.stop();
    for (const server of [vendor, proxy.server]) server.close();
  }
}, 180_000);
