/** `npm run prove:evidence -- --tokens 1000`: evidence at full size, on built code, engines and object stores of its own. */
import { bootstrap } from './bootstrap.mjs';
import { build } from './build.mjs';
import { runTypeScript } from './support/run-typescript.mjs';

await bootstrap();
if (!(await build())) process.exit(1);
await runTypeScript('test/conformance/evidence/main.ts');
