/** `npm run verify`: every check and every test. All run, also after a failure; the last line counts checks and tests. */
import { bootstrap } from './bootstrap.mjs';
import { build } from './build.mjs';
import { runTool, seconds, step } from './support/steps.mjs';
import { printFailures, runTests, summaryLine } from './support/tests.mjs';

const CHECKS = [
  ['format', () => runTool('oxfmt/bin/oxfmt', ['--check', '.'])],
  ['lint', () => runTool('oxlint/bin/oxlint', ['--type-aware', '--deny-warnings'])],
  ['types', () => runTool('typescript/bin/tsc', ['--noEmit'])],
  ['unused code', () => runTool('knip/bin/knip.js', [])],
  ['build', async () => ((await build()) ? 0 : 1)],
];

await bootstrap();
const table = [];
for (const [name, check] of CHECKS) {
  const startedAtMs = performance.now();
  const code = await step(name, check);
  table.push({ name, ok: code === 0, ms: performance.now() - startedAtMs });
}
const startedAtMs = performance.now();
const tests = await step('tests', () => runTests());
table.push({ name: `tests: ${summaryLine(tests)}`, ok: tests.code === 0, ms: performance.now() - startedAtMs });

console.log('');
for (const { name, ok, ms } of table) console.log(ok ? 'ok  ' : 'FAIL', seconds(ms).padStart(8), name);
printFailures(tests);
const checks = table.slice(0, CHECKS.length);
const failedChecks = checks.filter(({ ok }) => !ok).length;
const total = {
  passed: tests.passed + checks.length - failedChecks,
  failed: tests.failed + failedChecks,
  skipped: tests.skipped,
};
console.log(`\n${summaryLine(total)}`);
process.exitCode = total.failed > 0 ? 1 : 0;
