import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, it } from 'vitest';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { createAuthority, type Issued } from '../support/certificates.ts';
import { COMPRESSED } from '../conformance/pipeline-run.ts';
import { freePort, pipelineEnv, produce, watchTopic } from '../support/pipeline.ts';
import { killAllProcesses, type ServiceProcess, startProcess } from '../support/process.ts';
import { openTemporalProxy } from '../support/temporal-proxy.ts';
import { until } from '../support/until.ts';

afterAll(killAllProcesses);

const folder = mkdtempSync(join(tmpdir(), 'verdictflow-temporal-'));
const path = (name: string): string => join(folder, name);

function write({ cert, key }: Issued): void {
  writeFileSync(path('cert.pem'), cert);
  writeFileSync(path('key.pem'), key);
}

type Readiness = {
  readonly ready: boolean;
  readonly components: Readonly<Record<string, { readonly ready: boolean; readonly reason?: string }>>;
};

async function readinessOf(service: ServiceProcess): Promise<Readiness> {
  return JSON.parse(await service.admin('/ready'));
}

const metricsOf = async (service: ServiceProcess): Promise<string> => await service.admin('/metrics');

const reasonOf = async (service: ServiceProcess): Promise<string> => (await readinessOf(service)).components['temporal']?.reason ?? '';

it('an API key and a client certificate of Temporal are exchanged while the service runs; refused ones are named and waited out', async () => {
  const [first, second] = [createAuthority('first'), createAuthority('second')];
  const servers = createAuthority('servers');
  writeFileSync(path('ca.pem'), servers.cert);
  writeFileSync(path('api-key'), 'first-key');
  write(first.issue({ name: 'verdictflow' }));
  const proxy = await openTemporalProxy({
    target: inject('temporalAddress'),
    server: servers.issue({ name: 'temporal', hosts: ['127.0.0.1'] }),
    clientCa: first.cert,
    apiKey: 'first-key',
  });
  const emulatorPort = await freePort();
  const env = pipelineEnv({
    kafkaBrokers: inject('kafkaBrokers'),
    temporalAddress: proxy.address,
    emulatorPort,
    overrides: {
      ...COMPRESSED,
      VF_EMULATOR_PORT: String(emulatorPort),
      VF_TEMPORAL_API_KEY_FILE: path('api-key'),
      TEMPORAL_TLS_CLIENT_CERT_PATH: path('cert.pem'),
      TEMPORAL_TLS_CLIENT_KEY_PATH: path('key.pem'),
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: path('ca.pem'),
    },
  });
  await startProcess(['emulator'], env).ready();
  const service = startProcess(['all'], env);
  await service.ready();
  const outcomes = await watchTopic(inject('kafkaBrokers'), env['VF_KAFKA_OUTCOME_TOPIC'] ?? '');
  const gone = async (count: number): Promise<void> => {
    const token = mintToken({ scenario: 'ready-pass', issuedAtMs: Date.now() });
    await produce(inject('kafkaBrokers'), env['VF_KAFKA_REQUEST_TOPIC'] ?? '', [{ value: JSON.stringify({ token }) }]);
    await until(() => outcomes.seen.length >= count, { timeoutMs: 60_000, what: `outcome ${count}` });
  };
  const readyAgain = async (): Promise<void> =>
    void (await until(async () => (await readinessOf(service)).ready, { timeoutMs: 30_000, what: 'readiness' }));
  const untilUnusable = async (value: 0 | 1): Promise<void> =>
    void (await until(
      async () => (await metricsOf(service)).includes(`verdictflow_credentials_unusable{variables="TEMPORAL_*"} ${value}\n`),
      {
        timeoutMs: 20_000,
        what: `unusable: ${value}`,
      },
    ));
  try {
    await gone(1);

    writeFileSync(path('key.pem'), 'half a k');
    await untilUnusable(1);
    write(first.issue({ name: 'verdictflow' }));
    await untilUnusable(0);
    expect(service.output().match(/"event":"credentials-unusable"/g)).toHaveLength(1);

    proxy.demand({ clientCa: first.cert, apiKey: 'second-key' });
    await until(async () => (await reasonOf(service)).includes('refuses the credentials (TEMPORAL_API_KEY'), {
      timeoutMs: 20_000,
      what: 'the name',
    });
    writeFileSync(path('api-key'), 'second-key');
    await readyAgain();
    await gone(2);

    proxy.demand({ clientCa: second.cert, apiKey: 'second-key' });
    await until(async () => (await reasonOf(service)).includes('TEMPORAL_TLS_*'), { timeoutMs: 20_000, what: 'the name of the settings' });
    write(second.issue({ name: 'verdictflow' }));
    await readyAgain();
    await gone(3);

    expect(service.ended()).toBe(false);
    expect(service.output()).not.toMatch(/first-key|second-key|PRIVATE/);
    service.kill('SIGTERM');
    expect((await service.exit()).code).toBe(0);
  } finally {
    await outcomes.stop();
    proxy.close();
  }
});
