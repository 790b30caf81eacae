import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT, runTool } from './steps.mjs';

const BUNDLE = join(ROOT, 'dist/workflow-bundle.js');
const VITEST = 'vitest/vitest.mjs';
const HURRIED = ['integration', 'workflow', 'unit', 'docker'].flatMap((project) => ['--project', project]);
const PATIENT = ['--project', 'rules', '--maxWorkers', '1'];
/** The lowest: rules take what tests that mostly wait for engines leave of the processor, and make none of those late. */
const PATIENT_PRIORITY = 19;

/**
 * Runs vitest over all projects, with the workflows as they were built. Counts tests, not files. `args` are passed through;
 * without any, rules run beside all that the clock has a say in, and their output follows at the end.
 */
export async function runTests(args = []) {
  if (args.length > 0) return await runLane('all', (files) => runTool(VITEST, [...files, ...args], { env: ENV }));
  const patient = runLane('patient', runPatiently);
  const others = await runLane('others', (files) => runTool(VITEST, [...files, ...HURRIED], { env: ENV }));
  return sumOf(others, await patient);
}

const ENV = { VERDICTFLOW_WORKFLOW_BUNDLE: BUNDLE };

async function runLane(name, vitest) {
  const path = join(ROOT, `.local/test-report-${process.pid}-${name}.json`);
  const code = await vitest(['run', '--reporter=default', '--reporter=json', `--outputFile.json=${path}`]);
  const report = readReport(path);
  rmSync(path, { force: true });
  const counts = countTests(report);
  // A failure outside any test (an unhandled rejection, a set-up that broke) must not read as "0 failed".
  return { ...counts, failures: failuresIn(report), code, failed: code !== 0 && counts.failed === 0 ? 1 : counts.failed };
}

/** With less right to the processor; prints only once all is over. */
async function runPatiently(files) {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', VITEST), ...files, ...PATIENT], {
    cwd: ROOT,
    env: { ...process.env, ...ENV },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  setPriority(child.pid, PATIENT_PRIORITY);
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  const code = await new Promise((resolve) => child.once('close', (exit) => resolve(exit ?? 1)));
  process.stdout.write(Buffer.concat(chunks));
  return code;
}

function sumOf(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    failures: [...one.failures, ...other.failures],
    code: one.code === 0 ? other.code : one.code,
  };
}

function countTests(report) {
  const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** One line for each test that failed: whoever sees only the end of a long output learns what to look for. */
function failuresIn(report) {
  return report.testResults.flatMap((file) => {
    const path = relative(ROOT, file.name);
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length === 0 && file.status === 'failed') return [`${path}: ${firstLine(file.message)}`];
    return failed.map((test) => `${path} > ${test.fullName}: ${firstLine(test.failureMessages[0])}`);
  });
}

function firstLine(text = '') {
  return text.split('\n', 1)[0].slice(0, 300);
}

/** Without a report vitest did not get as far as running tests; its own message is on the screen. */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { testResults: [], numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  }
}

/** What failed, one line each. */
export function printFailures({ failures }) {
  for (const failure of failures) console.log('FAILED', failure);
}

/** The last line of a run, for people and programs. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
