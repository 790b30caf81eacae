/** `npm run storm -- --seeds 1..20 --tokens 2000`: the quota's storms, one seed after the other, on built code and engines of their own. */
import { bootstrap } from './bootstrap.mjs';
import { build } from './build.mjs';
import { runTypeScript } from './support/run-typescript.mjs';

await bootstrap();
if (!(await build())) process.exit(1);
await runTypeScript('test/conformance/quota/main.ts');
