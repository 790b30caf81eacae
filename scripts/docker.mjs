/** `npm run docker`: builds the image, runs it and the whole compose file, and restarts its services. Takes minutes and a Docker engine. */
import { bootstrap } from './bootstrap.mjs';
import { printFailures, runTests, summaryLine } from './support/tests.mjs';

await bootstrap();
process.env['VF_TEST_DOCKER'] = 'true';
const result = await runTests(['--project', 'docker', ...process.argv.slice(2)]);
console.log('');
printFailures(result);
console.log(summaryLine(result));
process.exitCode = result.code;
