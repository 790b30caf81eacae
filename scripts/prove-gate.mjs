/** `npm run prove:gate -- --rate 20 --workers 4 --parked 2000 --hold 600`: the gate at full size, on built code and engines of its own. */
import { bootstrap } from './bootstrap.mjs';
import { build } from './build.mjs';
import { runTypeScript } from './support/run-typescript.mjs';

await bootstrap();
if (!(await build())) process.exit(1);
await runTypeScript('test/conformance/gate/proof/main.ts');
