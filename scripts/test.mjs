/** `npm test`: builds, provisions the engines, runs every test. Arguments go to vitest, e.g. `npm test -- --project unit`. */
import { bootstrap } from './bootstrap.mjs';
import { build } from './build.mjs';
import { step } from './support/steps.mjs';
import { printFailures, runTests, summaryLine } from './support/tests.mjs';

await bootstrap();
const built = await step('build', build);
const result = built
  ? await step('tests', () => runTests(process.argv.slice(2)))
  : { passed: 0, failed: 1, skipped: 0, failures: [], code: 1 };
console.log('');
printFailures(result);
console.log(summaryLine(result));
process.exitCode = result.code;
