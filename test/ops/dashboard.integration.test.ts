import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { stringify } from 'yaml';
import { BOARD } from '../../scripts/docs/dashboard.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { findOnPath } from '../../src/localstack/host.ts';
import { openPipeline, type PipelineRun } from '../conformance/pipeline-run.ts';
import { lacking } from '../support/lacking.ts';
import { freePort, produce } from '../support/pipeline.ts';
import { adminPortIn, killAllProcesses } from '../support/process.ts';
import { until } from '../support/until.ts';

const PROMETHEUS = findOnPath(['prometheus']);
const WHY_NOT = PROMETHEUS === undefined ? 'no prometheus: Debian has it in prometheus' : undefined;

type Answer<T> = { readonly status: string; readonly error?: string; readonly data: T };
type Sample = { readonly value: readonly [number, string] };

const QUERIES = Object.values(BOARD).flatMap((panels) =>
  panels.flatMap(({ title, queries }) => queries.map((query) => ({ title, ...query }))),
);

describe.skipIf(lacking(WHY_NOT, { tests: 'the queries of the board, on a real Prometheus' }))(
  'a Prometheus that scrapes the service',
  () => {
    let run: PipelineRun;
    let prometheus: ChildProcess | undefined;
    let address: string;

    beforeAll(async () => {
      run = await openPipeline();
      const adminPort = adminPortIn(run.serve().output());
      const port = await freePort();
      address = `http://127.0.0.1:${port}`;
      prometheus = startPrometheus({ port, adminPort });
      const token = mintToken({ scenario: 'ready-pass', issuedAtMs: Date.now() });
      const topic = run.env['VF_KAFKA_REQUEST_TOPIC'] ?? '';
      await until(async () => (await asked('verdictflow_ready')).length > 0, { timeoutMs: 30_000, everyMs: 250, what: 'the first scrape' });
      await produce(inject('kafkaBrokers'), topic, [{ value: JSON.stringify({ token }) }]);
      await run.allDecided([{ token }], 60_000);
    });
    afterAll(async () => {
      prometheus?.kill();
      killAllProcesses();
      await run.close();
    });

    async function told<T>(path: string): Promise<Answer<T>> {
      const response = await fetch(`${address}/api/v1/${path}`);
      const answer: Answer<T> = JSON.parse(await response.text());
      return answer;
    }

    async function asked(expr: string): Promise<readonly Sample[]> {
      try {
        const { status, error, data } = await told<{ result: readonly Sample[] }>(`query?query=${encodeURIComponent(expr)}`);
        expect({ status, error }).toEqual({ status: 'success', error: undefined });
        return data.result;
      } catch (error) {
        // It is not up yet.
        if (error instanceof TypeError) return [];
        throw error;
      }
    }

    it('has an answer for every query of the board, but for those of what seldom is', async () => {
      const often = QUERIES.filter(({ rare }) => rare !== true);
      const empty = async (): Promise<readonly string[]> =>
        (await Promise.all(often.map(async ({ title, expr }) => ((await asked(expr)).length > 0 ? [] : [`${title}: ${expr}`])))).flat();
      let left: readonly string[] = [];
      const what = () => `samples for ${left.join(', ')}`;
      await expect(until(async () => (left = await empty()).length === 0, { timeoutMs: 20_000, everyMs: 1_000, what })).resolves.toBe(true);
      for (const { expr, rare } of QUERIES) if (rare === true) await asked(expr);
    });

    it('understands every alert, and none fires while all is well', async () => {
      const { data } = await told<{ groups: { rules: { name: string; health: string; state: string }[] }[] }>('rules');
      const rules = data.groups.flatMap((group) => group.rules);
      expect(rules.length).toBeGreaterThan(20);
      expect(rules.filter(({ health, state }) => health !== 'ok' || state === 'firing')).toEqual([]);
    });
  },
);

function startPrometheus({ port, adminPort }: { readonly port: number; readonly adminPort: number }): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'verdictflow-prometheus-'));
  copyFileSync('ops/alerts.yml', join(folder, 'alerts.yml'));
  const settings = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['alerts.yml'],
    scrape_configs: [{ job_name: 'verdictflow', static_configs: [{ targets: [`127.0.0.1:${adminPort}`] }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(settings));
  const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`];
  return spawn(PROMETHEUS ?? 'prometheus', args, { stdio: 'ignore' });
}
