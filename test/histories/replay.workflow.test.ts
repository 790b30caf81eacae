import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
import { runScenario, type ScenarioRun } from '../support/workflow-rig.ts';

const RECORDED = fileURLToPath(new URL('./recorded/', import.meta.url));
const CHANGED_WORKFLOW = fileURLToPath(new URL('./changed-workflow/index.ts', import.meta.url));

/** Set on a release: records the histories of this version beside those of every earlier one. */
const RECORDING = process.env['VF_RECORD_HISTORIES'] === 'true';

/** `<version>-<case>.json`. */
const recordedFiles = (): readonly string[] => readdirSync(RECORDED).filter((file) => file.endsWith('.json'));
const isRelease = /^\d+\.\d+\.\d+$/.test(manifest.version);
if (RECORDING && !isRelease) throw new Error(`histories are recorded of releases alone: ${manifest.version} is none, see ${RECORDED}README.md`);
const cases = Object.keys(REPRESENTATIVE_CASES);

describe('histories of this very code', () => {
  const server = useVirtualServer();
  const runs = new Map<string, Promise<ScenarioRun>>();
  let changedBundle = '';

  beforeAll(async () => {
    changedBundle = join(await mkdtemp(join(tmpdir(), 'verdictflow-changed-')), 'bundle.js');
    await writeWorkflowBundle(changedBundle, CHANGED_WORKFLOW);
  });
  afterAll(() => rm(join(changedBundle, '..'), { recursive: true }));

  /** Each case runs once, whichever test asks first. */
  function runOf(name: string): Promise<ScenarioRun> {
    const scenario = REPRESENTATIVE_CASES[name];
    if (scenario === undefined) throw new Error(`no such case: ${name}`);
    const run = runs.get(name) ?? runScenario(server(), scenario);
    runs.set(name, run);
    return run;
  }

  it.each(cases)('%s runs and re-executes', async (name) => {
    const { json, emissions, result } = await runOf(name);
    if (RECORDING) await writeFile(join(RECORDED, `${manifest.version}-${name}.json`), `${withoutPaths(json)}\n`);
    expect(emissions.at(-1)?.event).toEqual(result.outcome);
    expect(await refusal(inject('workflowBundlePath'), json)).toBeUndefined();
  });

  it('are refused by a workflow that was changed', { timeout: 300_000 }, async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined); // every refusal is logged as well
    expect(cases.length).toBeGreaterThan(15);
    for (const name of cases) {
      const { json } = await runOf(name);
      expect([name, await refusal(changedBundle, json)]).toEqual([name, expect.stringMatching(/nondeterminism/i)]);
    }
  });
});

describe(`recorded histories of releases: ${recordedFiles().length === 0 ? 'there is none yet' : recordedFiles().length}`, () => {
  it(`hold every case of ${manifest.version}, if that is a release`, () => {
    const files = recordedFiles();
    const missing = isRelease ? cases.filter((name) => !files.includes(`${manifest.version}-${name}.json`)) : [];
    expect(missing).toEqual([]);
  });

  // Written as a loop, so that it stands here, and passes, while there is no release.
  it('re-execute on this code', { timeout: 300_000 }, async () => {
    for (const file of recordedFiles()) {
      expect([file, await refusal(inject('workflowBundlePath'), await readFile(join(RECORDED, file), 'utf8'))]).toEqual([file, undefined]);
    }
  });
});

/** Why a bundle cannot re-execute a history; undefined: it can. */
async function refusal(codePath: string, json: string): Promise<string | undefined> {
  try {
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, historyFromJSON(JSON.parse(json)));
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** Stack traces hold the paths of the machine that recorded them; a re-execution has no use for them. */
function withoutPaths(json: string): string {
  return json.replaceAll(/"stackTrace": "(?:[^"\\]|\\.)*"/g, '"stackTrace": ""');
}
