/** `npm run docs:generate`: writes the generated sections of the documents and the published message schemas. */
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
for (const [path, content] of generatedContracts()) if (!isSameJson(path, content)) write(path, content);
