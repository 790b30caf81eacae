import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, inject, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { startLocalStack } from '../../src/localstack/stack.ts';
import { produce } from '../support/pipeline.ts';
import { killAllProcesses } from '../support/process.ts';
import { until } from '../support/until.ts';
import { openPipeline } from './pipeline-run.ts';
import { mixedTokens } from './scenario-mix.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));

afterAll(killAllProcesses);

/** Every form in which the bytes could hide in a text store. */
function forms(secret: string): readonly Buffer[] {
  return [
    Buffer.from(secret),
    Buffer.from(encodeURIComponent(secret)),
    Buffer.from(Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1)),
  ];
}

function found(secrets: readonly string[], store: Buffer): string[] {
  return secrets.filter((secret) => forms(secret).some((form) => store.includes(form)));
}

it("finds no token, API key or secret in Temporal's database, the outcomes, the dead letters' headers, the logs or the metrics", async () => {
  // A server of its own: its database must be a file that can be searched.
  const stack = await startLocalStack({ dir: LOCAL_DIR, native: true, kafka: false, log: () => undefined });
  const run = await openPipeline({ VF_WINDOW: '20s', VF_LOG_LEVEL: 'debug', TEMPORAL_ADDRESS: stack.temporalAddress });
  try {
    const service = run.serve();
    const tokens = mixedTokens(80, Date.now());
    await run.submit(tokens);
    const badToken = `bad token ${tokens[0]?.token ?? ''}`;
    await produce(inject('kafkaBrokers'), run.env['VF_KAFKA_REQUEST_TOPIC'] ?? '', [{ value: JSON.stringify({ token: badToken }) }]);
    await run.allDecided(tokens, 90_000);
    await until(() => run.deadLetters().length === 1, { timeoutMs: 30_000, what: 'the dead letter' });
    const metrics = await service.admin('/metrics');
    expect(metrics).toContain('# HELP');
    service.kill('SIGTERM');
    await service.exit();

    const { temporalDbFile } = stack;
    const database = Buffer.concat([temporalDbFile, `${temporalDbFile}-wal`].filter(existsSync).map((file) => readFileSync(file)));
    const outcomes = [...run.outcomes().values()]
      .flat()
      .map(({ key, value, headers }) => JSON.stringify({ key, value, headers: textOf(headers) }));
    const letters = run.deadLetters().map(({ key, headers }) => JSON.stringify({ key, headers: textOf(headers) }));
    const stores = {
      database,
      outcomes: Buffer.from(outcomes.join('\n')),
      letters: Buffer.from(letters.join('\n')),
      logs: Buffer.from(service.output()),
      metrics: Buffer.from(metrics),
      vendorLog: readFileSync(run.logPath),
    };
    const secrets = [
      ...tokens.map(({ token }) => token),
      run.env['VF_FACEID_API_KEY'] ?? '',
      run.env['VF_FACEID_API_SECRET'] ?? '',
      run.env['VF_TOKEN_KEYS']?.slice(3) ?? '',
    ];
    for (const [name, store] of Object.entries(stores)) expect([name, found(secrets, store)]).toEqual([name, []]);

    // There was something to keep secret: reads that were answered.
    expect(outcomes.filter((outcome) => outcome.includes('PASSED')).length).toBeGreaterThan(10);
    // The search itself works: what is meant to be there is found.
    const ids = tokens.map(({ token }) => verificationIdOf(token));
    expect(found(ids, database)).toHaveLength(ids.length);
    expect(found(ids, stores.outcomes)).toHaveLength(ids.length);
  } finally {
    await run.close();
    await stack.stop();
  }
}, 240_000);

function textOf(headers: object | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}
