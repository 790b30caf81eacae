import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT, runTool } from './steps.mjs';

const REPORT = join(ROOT, '.local/test-report.json');

/** Runs vitest over all projects, with what was built; `args` are passed through. Counts tests, not files. */
export async function runTests(args = []) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  // One of an earlier run would count as this one's, if vitest did not get as far as writing its own.
  rmSync(REPORT, { force: true });
  const code = await runTool('vitest/vitest.mjs', ['run', ...reporters, ...args], { env: { VERDICTFLOW_BUILT: 'true' } });
  const report = readReport();
  const counts = countTests(report);
  // A failure outside any test (an unhandled rejection, a set-up that broke) must not read as "0 failed".
  return { ...counts, failures: failuresIn(report), code, failed: code !== 0 && counts.failed === 0 ? 1 : counts.failed };
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
function readReport() {
  try {
    return JSON.parse(readFileSync(REPORT, 'utf8'));
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
