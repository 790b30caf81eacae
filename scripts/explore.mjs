/** `npm run explore -- --more 1`: every interleaving of the quota protocol in a small world, larger than `npm test` walks through it. */
import { runTypeScript } from './support/run-typescript.mjs';

await runTypeScript('test/explorer/main.ts');
