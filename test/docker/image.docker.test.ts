import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacking } from '../support/lacking.ts';
import { until } from '../support/until.ts';
import { fileFor, provideBaseImages, type Provided, removeStandIns } from './base-images.ts';
import { composeCommand, docker, run, whyNoDocker } from './engine.ts';

const IMAGE = 'verdictflow:local';
const PROJECT = `verdictflow-check-${process.pid}`;
const MINUTE_MS = 60_000;
const LONG = { timeout: 10 * MINUTE_MS };

describe.skipIf(lacking(await whyNoDocker(), { tests: 'image and compose file' }))('the image and the compose file', LONG, () => {
  let provided: Provided;
  let compose: (...args: readonly string[]) => Promise<string>;

  beforeAll(async () => {
    const [command, ...args] = (await composeCommand()) ?? [''];
    provided = await provideBaseImages();
    process.stdout.write(`[docker] base images: ${JSON.stringify(Object.fromEntries(provided))}\n`);
    const file = ['--file', await fileFor(provided, 'docker-compose.yml'), '--project-directory', '.'];
    compose = (...rest) => run(command, ...args, ...file, '--project-name', PROJECT, ...rest);
    // The host's network: its way to the package registries may be its own.
    await docker('build', '--quiet', '--network', 'host', '--file', await fileFor(provided, 'Dockerfile'), '--tag', IMAGE, '.');
  }, 15 * MINUTE_MS);

  afterAll(async () => {
    try {
      await compose('down', '--volumes', '--timeout', '5');
    } finally {
      await removeStandIns();
    }
  }, 5 * MINUTE_MS);

  it('adds less than 90 MB to its base image', async () => {
    const [base = ''] = [...provided].map(([image, how]) => (how === 'stand-in' ? image.replace(/@.*/, '') : image));
    const added = (await sizeOf(IMAGE)) - (await sizeOf(base));
    process.stdout.write(`[docker] the image adds ${Math.round(added / 1e6)} MB to its base\n`);
    expect(added).toBeLessThan(90e6);
  });

  it('runs without root, capabilities and a writable disk, becomes healthy, and ends with 0 on SIGTERM', async () => {
    const restricted = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--network', 'none'];
    const id = await docker('run', '--detach', ...restricted, IMAGE, 'emulator');
    try {
      expect(await docker('inspect', '--format', '{{.Config.User}}', id)).toBe('1000:1000');
      await until(() => isHealthy(id), { timeoutMs: MINUTE_MS, everyMs: 1_000, what: 'the container is healthy' });
      await docker('stop', id);
      expect(await docker('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('0');
      expect(await docker('logs', id)).toContain('"event":"stopped"');
    } finally {
      await docker('rm', '--force', id);
    }
  });

  it('has all that its commands load', async () => {
    expect(await docker('run', '--rm', '--read-only', '--entrypoint', 'node', IMAGE, 'bin/verdictflow.mjs', '--help')).toContain('replay');
  });

  it('as the whole compose file turns a request into an outcome, again after each of its services has restarted, and ends with 0', async () => {
    await compose('up', '--detach');
    await expectOutcome('token-before-any-restart', { outcomes: 1 });
    for (const service of ['kafka', 'temporal', 'ingress', 'worker']) await compose('restart', service);
    await expectOutcome('token-after-each-restart', { outcomes: 2 });
    // The worker lives in the emulator's network.
    for (const service of ['emulator', 'worker']) await compose('restart', service);
    await expectOutcome('token-after-the-emulator', { outcomes: 3 });
    await compose('stop');
    for (const service of ['ingress', 'worker', 'emulator']) expect(await exitCodeOf(service)).toBe(`${service} 0`);
  });

  /** Submits a token in the container of ingress, and waits for its outcome there and on the topic, as the host sees it. */
  async function expectOutcome(token: string, { outcomes }: { readonly outcomes: number }): Promise<void> {
    for (const service of ['kafka', 'temporal', 'ingress', 'worker']) {
      const id = await compose('ps', '--quiet', service);
      await until(() => isHealthy(id), { timeoutMs: 2 * MINUTE_MS, everyMs: 1_000, what: `${service} is healthy` });
    }
    const cli = 'printf %s "$0" | node bin/verdictflow.mjs submit --token -';
    await compose('exec', '-T', 'ingress', 'sh', '-c', cli, token);
    await until(async () => (await outcomesOnTopic()) === outcomes, {
      timeoutMs: 2 * MINUTE_MS,
      everyMs: 1_000,
      what: `${outcomes} outcomes on the topic, ${token}`,
    });
    const list = await compose('exec', '-T', 'ingress', 'node', 'bin/verdictflow.mjs', 'list', '--outcome', 'PASSED', '--json');
    expect(list.match(/"outcome": "PASSED"/g)).toHaveLength(outcomes);
  }

  async function exitCodeOf(service: string): Promise<string> {
    const id = await docker(
      'ps',
      '--all',
      '--quiet',
      '--filter',
      `label=com.docker.compose.project=${PROJECT}`,
      '--filter',
      `label=com.docker.compose.service=${service}`,
    );
    return await docker('inspect', '--format', `${service} {{.State.ExitCode}}`, id);
  }
});

async function isHealthy(id: string): Promise<boolean> {
  return (await docker('inspect', '--format', '{{.State.Health.Status}}', id)) === 'healthy';
}

async function sizeOf(image: string): Promise<number> {
  return Number(await docker('image', 'inspect', '--format', '{{.Size}}', image));
}

async function outcomesOnTopic(): Promise<number> {
  const kafka = new Kafka({ clientId: 'docker-check', brokers: ['127.0.0.1:29092'], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets('faceid.verification.outcome.v1');
    return offsets.reduce((sum, { high }) => sum + Number(high), 0);
  } finally {
    await admin.disconnect();
  }
}
