/** `npm run docs:generate`: writes the generated sections of the documents and the published message schemas. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { generatedContracts, generatedDocuments, readDocument, ROOT } from './docs/documents.ts';

function write(path: string, content: string): void {
  writeFileSync(join(ROOT, path), content);
  console.log(`wrote ${path}`);
}

/** Equal JSON is left alone, because the formatter may have laid it out in its own way. */
function isSameJson(path: string, content: string): boolean {
  return existsSync(join(ROOT, path)) && isDeepStrictEqual(JSON.parse(readDocument(path)), JSON.parse(content));
}

for (const [path, content] of generatedDocuments()) if (content !== readDocument(path)) write(path, content);

const contracts = [...generatedContracts()].filter(([path, content]) => !isSameJson(path, content));
for (const [path, content] of contracts) write(path, content);
// Else the next check of the format would refuse what was just written.
if (contracts.length > 0) {
  execFileSync(process.execPath, [join(ROOT, 'node_modules/oxfmt/bin/oxfmt'), '--write', ...contracts.map(([path]) => path)], {
    cwd: ROOT,
  });
}
