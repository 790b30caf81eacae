/** `npm start -- <role>`: a service process from the sources. */
import { runTypeScript } from './support/run-typescript.mjs';

await runTypeScript('workers/main.ts');
