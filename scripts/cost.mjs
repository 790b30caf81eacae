/** `npm run cost`: what one verification of each kind costs on Temporal, counted by the server. `-- --write` keeps the figures for the documents. */
import { runTypeScript } from './support/run-typescript.mjs';

await runTypeScript('bench/cost/main.ts');
