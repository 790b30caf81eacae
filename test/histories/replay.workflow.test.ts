import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { writeWorkflowBundle } from '../../src/temporal/bundle.ts';
import { REPRESENTATIVE_CASES } from '../support/representative-cases.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario } from '../support/workflow-rig.ts';

const RECORDED = fileURLToPath(new URL('./recorded/', import.meta.url));
const CHANGED_WORKFLOW = fileURLToPath(new URL('./changed-workflow/index.ts', import.meta.url));

/** Set on a release: records the histories of this version beside those of every earlier one. */
const RECORDING = process.env['VF_RECORD_HISTORIES'] === 'true';

describe('recorded histories', () => {
  const server = useVirtualServer();
  let changedBundle = '';

  beforeAll(async () => {
    changedBundle = join(await mkdtemp(join(tmpdir(), 'verdictflow-changed-')), 'bundle.js');
    await writeWorkflowBundle(changedBundle, CHANGED_WORKFLOW);
  });
  afterAll(() => rm(join(changedBundle, '..'), { recursive: true }));

  it.each(Object.keys(REPRESENTATIVE_CASES))('%s runs and replays today', async (name) => {
    const scenario = REPRESENTATIVE_CASES[name];
    expect(scenario).toBeDefined();
    if (scenario === undefined) return;
    const run = await runScenario(server(), scenario);
    if (RECORDING) await writeFile(join(RECORDED, `${manifest.version}-${name}.json`), `${withoutPaths(run.json)}\n`);
    expect(run.emissions.at(-1)?.event).toEqual(run.result.outcome);
  });

  it('exist for every representative case', async () => {
    const files = await recordedFiles();
    const recordedCases = new Set(files.map((file) => file.replace(/^\d+\.\d+\.\d+-/, '').replace('.json', '')));
    expect([...recordedCases]).toEqual(expect.arrayContaining(Object.keys(REPRESENTATIVE_CASES)));
  });

  it('of every released version replay on this bundle', async () => {
    expect(await refusals(inject('workflowBundlePath'))).toEqual([]);
  });

  it('do not replay on a workflow that was changed', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined); // every refusal is logged as well
    const refused = await refusals(changedBundle);
    expect(refused.map(({ file }) => file)).toEqual(await recordedFiles());
    expect(refused.filter(({ why }) => !/nondeterminism/i.test(why))).toEqual([]);
  });
});

/** The recorded histories that a bundle cannot replay. */
async function refusals(codePath: string): Promise<{ file: string; why: string }[]> {
  const refused: { file: string; why: string }[] = [];
  for (const file of await recordedFiles()) {
    const history = historyFromJSON(JSON.parse(await readFile(join(RECORDED, file), 'utf8')));
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, history).catch((error: unknown) => {
      refused.push({ file, why: String(error) });
    });
  }
  return refused;
}

/** Stack traces hold the paths of the machine that recorded them; replay has no use for them. */
function withoutPaths(json: string): string {
  return json.replaceAll(/"stackTrace": "(?:[^"\\]|\\.)*"/g, '"stackTrace": ""');
}

async function recordedFiles(): Promise<string[]> {
  return (await readdir(RECORDED)).filter((file) => file.endsWith('.json'));
}
