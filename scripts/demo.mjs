/** `npm run demo`: the whole pipeline on this machine, against the FaceID emulator. */
import { runTypeScript } from './support/run-typescript.mjs';

await runTypeScript('scripts/demo/main.ts');
