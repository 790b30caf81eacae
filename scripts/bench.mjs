/** `npm run bench`: throughput and latency of built code, side by side with the plainest port. The benchmark builds what it measures. */
import { runTypeScript } from './support/run-typescript.mjs';

await runTypeScript('bench/main.ts');
