import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { type LocalStack, startLocalStack } from '../../src/localstack/stack.ts';
import { resolveTemporalBinary } from '../../src/localstack/temporal-binary.ts';
import { cliHere } from '../support/cli-here.ts';
import { produce } from '../support/pipeline.ts';
import { killAllProcesses, type ServiceProcess, startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import { openPipeline, type PipelineRun } from './pipeline-run.ts';
import { type MixedToken, mixedTokens, requestOf } from './scenario-mix.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'verdictflow-encrypted-'));
const CODEC_TOKEN = randomBytes(24).toString('hex');
const PAYLOAD_KEYS = `p1:${randomBytes(32).toString('base64')}`;
/** As long as a reason may be, in letters of three bytes each: the server limits what it shows as a summary. */
const LONG_REASON = '两'.repeat(200);
/** What a producer may send along. */
const BIZ_NO = `order-${randomBytes(6).toString('hex')}`;
const ATTRIBUTE = `attribute-${randomBytes(6).toString('hex')}`;

/** Of each kind of read: answered, pending, uncertain, refused; those whose answers name no order of their own. */
const SCENARIOS = ['ready-pass', 'ready-fail-match', 'ready-boundary', 'review-multifaces', 'processing-1', 'reset-once', 'concurrency-1'];

let stack: LocalStack;
let pipeline: PipelineRun;
let codecServer: ServiceProcess;
let tokens: readonly MixedToken[];
let temporalCli: string;

const idOf = ({ token }: MixedToken): string => verificationIdOf(token);

function tokenOf(scenario: string): MixedToken {
  const found = tokens.find((one) => one.scenario === scenario);
  if (found === undefined) throw new Error(`the mix holds no ${scenario}`);
  return found;
}

async function verdictflow(args: readonly string[], env: Readonly<Record<string, string>> = pipeline.env) {
  return await cliHere(args, env);
}

async function temporal(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(temporalCli, [...args, '--address', stack.temporalAddress], { maxBuffer: 32 * 1024 * 1024 });
  return stdout;
}

/** The payloads of a history that the CLI has written, one a line. */
function textsIn(json: string): string {
  return [...json.matchAll(/"data": "([^"]*)"/g)].map(([, data = '']) => Buffer.from(data, 'base64').toString()).join('\n');
}

async function mostReads(): Promise<number> {
  return Math.max(...[...(await readEmulatorLog(pipeline.logPath)).tokens.values()].map(({ reads }) => reads));
}

beforeAll(async () => {
  // A server of its own: its database must be a file that can be searched.
  stack = await startLocalStack({ dir: LOCAL_DIR, native: true, kafka: false, log: () => undefined });
  temporalCli = await resolveTemporalBinary({ dir: LOCAL_DIR, log: () => undefined });
  const settings = { VF_WINDOW: '30s', VF_PAYLOAD_KEYS: PAYLOAD_KEYS, VF_SCORES: 'banded' };
  pipeline = await openPipeline({ ...settings, TEMPORAL_ADDRESS: stack.temporalAddress });
  codecServer = startProcess(['codec-server'], {
    VF_PAYLOAD_KEYS: PAYLOAD_KEYS,
    VF_CODEC_PORT: '0',
    VF_CODEC_NAMESPACES: 'default',
    VF_CODEC_TOKENS: `cli:${CODEC_TOKEN}`,
  });
  await codecServer.ready();
  tokens = mixedTokens(120, Date.now()).filter(({ scenario }) => SCENARIOS.includes(scenario));
  const messages = tokens.map((token) => ({
    value: JSON.stringify({ ...JSON.parse(requestOf(token).value), bizNo: BIZ_NO, attributes: { known: ATTRIBUTE } }),
  }));
  await produce(inject('kafkaBrokers'), pipeline.env['VF_KAFKA_REQUEST_TOPIC'] ?? '', messages);
  await pipeline.allDecided(tokens, 60_000);
}, 120_000);

afterAll(async () => {
  await pipeline.close();
  killAllProcesses();
  await stack.stop();
});

describe('with payloads encrypted and fewer figures', () => {
  it('every outcome is what it is in clear, tells no confidence, and no token is read more than three times', async () => {
    for (const token of tokens) {
      const [seen] = pipeline.outcomes().get(idOf(token)) ?? [];
      expect([token.scenario, JSON.parse(seen?.value ?? '{}')]).toMatchObject([token.scenario, { outcome: token.expected.outcome }]);
      expect(seen?.value).toContain(ATTRIBUTE);
      expect(seen?.value).not.toContain('"confidence"');
    }
    expect(await mostReads()).toBeLessThanOrEqual(3);
  });

  it('a reset asks the ledger, reads nothing, and tells the same outcome', { timeout: 60_000 }, async () => {
    const token = tokenOf('ready-pass');
    const before = await mostReads();
    const workflow = ['--workflow-id', workflowIdOf(idOf(token))];
    await temporal('workflow', 'reset', ...workflow, '--type', 'FirstWorkflowTask', '--reason', 'test');
    await until(() => (pipeline.outcomes().get(idOf(token)) ?? []).length === 2, { timeoutMs: 30_000, what: 'the outcome again' });
    expect(
      new Set(
        pipeline
          .outcomes()
          .get(idOf(token))
          ?.map(({ value }) => value),
      ).size,
    ).toBe(1);
    expect((await readEmulatorLog(pipeline.logPath)).tokens.get(idOf(token))?.reads).toBe(1);
    expect(await mostReads()).toBe(before);
  });

  it('replay and decide find what was read, and show tells it', { timeout: 90_000 }, async () => {
    const [looser, reviewed] = [idOf(tokenOf('ready-boundary')), idOf(tokenOf('review-multifaces'))];
    const order = ['--reason', 'looser', '--operator', 'jane', '--journal', join(folder, 'replay'), '--wait'];
    const ruling = ['--approve', '--reviewer', 'mia', '--reason', LONG_REASON, '--journal', join(folder, 'decide')];
    const [replayed, decided] = await Promise.all([
      verdictflow(['replay', 'run', looser, '--required-far', '1e-3', ...order]),
      verdictflow(['decide', reviewed, ...ruling]),
    ]);
    expect(replayed.out).toContain(`${looser}.r2  PASSED`);
    expect(decided).toMatchObject({ code: 0 });
    const shown = await Promise.all([looser, reviewed].map((id) => verdictflow(['show', id])));
    expect(shown.map(({ out }) => out)).toEqual([
      expect.stringMatching(/replayed by jane[^]*result_ref1 reaches 1e-3, needs 1e-3/),
      expect.stringMatching(/approved by hand by mia/),
    ]);
    const { tokens: read } = await readEmulatorLog(pipeline.logPath);
    expect([looser, reviewed].map((id) => read.get(id)?.reads)).toEqual([1, 1]);
  });

  it('without the key commands name key and setting, and take nothing for unread', { timeout: 30_000 }, async () => {
    const { VF_PAYLOAD_KEYS: _none, ...env } = pipeline.env;
    const id = idOf(tokenOf('ready-pass'));
    const [shown, planned, listed] = await Promise.all([
      verdictflow(['show', id], env),
      verdictflow(['replay', 'plan', id], env),
      verdictflow(['list'], env),
    ]);
    for (const { out, err } of [shown, planned, listed])
      expect(out + err).toContain('encrypted with key "p1", which VF_PAYLOAD_KEYS does not hold: add it after the first key');
    expect([shown.code, planned.code, listed.code]).toEqual([78, 1, 78]);
    expect(planned.out).toMatch(/REFUSE/);
  });

  it(
    'the Temporal CLI reads a history through the codec server, and else does not; sealed tokens stay sealed',
    { timeout: 30_000 },
    async () => {
      const show = ['workflow', 'show', '--workflow-id', workflowIdOf(idOf(tokenOf('ready-fail-match'))), '--output', 'json'];
      const closed = textsIn(await temporal(...show));
      expect(closed).not.toContain(ATTRIBUTE);
      const { codecUrl } = JSON.parse(
        codecServer
          .output()
          .split('\n')
          .find((line) => line.includes('"ready"')) ?? '{}',
      );
      const open = textsIn(await temporal(...show, '--codec-endpoint', codecUrl, '--codec-auth', `Bearer ${CODEC_TOKEN}`));
      for (const text of [ATTRIBUTE, BIZ_NO, 'result_ref1', 'sealedToken', 'read 1 of 3']) expect(open).toContain(text);
      expect(open).not.toContain(tokenOf('ready-fail-match').token);
      expect(codecServer.output()).toMatch(/"event":"codec-decoded","who":"cli","namespace":"default"/);
      expect(codecServer.output()).not.toContain(CODEC_TOKEN);
      expect(await codecServer.admin('/metrics')).toMatch(/verdictflow_codec_payloads_total\{result="decrypted"\} [1-9]/);
    },
  );

  it("nothing of requests and answers is in clear in Temporal's database but what the page on encryption lists", () => {
    const { temporalDbFile } = stack;
    const database = Buffer.concat([temporalDbFile, `${temporalDbFile}-wal`].filter(existsSync).map((file) => readFileSync(file)));
    const hidden = [
      ATTRIBUTE,
      BIZ_NO,
      'result_ref1',
      'callsUsed',
      'sealedToken',
      'read 1 of 3',
      'face verification, policy',
      '两两两',
      'jane',
    ];
    expect(hidden.filter((text) => database.includes(text))).toEqual([]);
    // The search itself works: ids, types, queues and search attributes are there.
    const listed = [
      workflowIdOf(idOf(tokenOf('ready-pass'))),
      'resolveVerification',
      'getResult',
      pipeline.env['VF_TASK_QUEUE'] ?? '',
      'MATCH_BELOW_THRESHOLD',
    ];
    expect(listed.filter((text) => !database.includes(text))).toEqual([]);
  });
});
