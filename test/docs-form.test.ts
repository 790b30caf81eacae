import { describe, expect, it } from 'vitest';
import { documentPaths, readDocument } from '../scripts/docs/documents.ts';
import { cellsOf, codeOf, proseLines } from './support/markdown.ts';
import { filesBelow, sourceText } from './support/sources.ts';

const documents = documentPaths().map((path) => ({ path, text: readDocument(path) }));

describe('documents can be read in a terminal', () => {
  it('the README has at most 220 lines and 16 KB', () => {
    const readme = readDocument('README.md');
    expect(readme.split('\n').length).toBeLessThanOrEqual(220);
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(16 * 1024);
  });

  it.each(documents)('lines of $path have at most 200 characters, tables and code aside', ({ text }) => {
    expect(proseLines(text).filter((line) => line.length > 200)).toEqual([]);
  });

  it('cells of the runbook have at most 400 characters: a longer story becomes a section', () => {
    const rows = readDocument('docs/runbook.md')
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows.flatMap((row) => cellsOf(row)).filter((cell) => cell.length > 400)).toEqual([]);
  });

  it('every document is on the map', () => {
    const map = readDocument('docs/README.md');
    const pages = documents.map(({ path }) => path).filter((path) => !path.startsWith('docs/adr/') && path !== 'docs/README.md');
    expect(pages.filter((path) => !map.includes(`](${path.startsWith('docs/') ? path.slice('docs/'.length) : `../${path}`})`))).toEqual([]);
  });
});

describe('names in the documents', () => {
  const FOLDERS = ['src', 'workflows', 'activities', 'workers', 'scripts', 'test/conformance', 'test/kafka', 'test/replay', 'test/support'];
  const code = sourceText(FOLDERS);

  it.each(documents)('codes in capitals of $path occur in the code', ({ text }) => {
    const codes = text.match(/\b(?!VF_|TEMPORAL_)[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [];
    expect([...new Set(codes)].filter((name) => !code.includes(name) && !OF_OTHERS.has(name))).toEqual([]);
  });

  it.each(documents)('files named in $path exist', ({ text }) => {
    const named = codeOf(text).flatMap(
      (span) => span.match(/(?<![\w/.-])(?:src|workflows|activities|workers|scripts|test|bench|bin)\/[\w/.-]*\w/g) ?? [],
    );
    const known = new Set(allFiles());
    expect([...new Set(named)].filter((name) => !known.has(name) && ![...known].some((file) => file.startsWith(`${name}/`)))).toEqual([]);
  });
});

/** Names of other programs and of the Dockerfile; settings have a test of their own. */
const OF_OTHERS = new Set(['KEEP_PEERS', 'LOG_DIR', 'NODE_IMAGE', 'OTEL_NODE_DISABLED_INSTRUMENTATIONS']);

function allFiles(): readonly string[] {
  const folders = ['src', 'workflows', 'activities', 'workers', 'scripts', 'test', 'bench', 'bin'];
  return filesBelow(folders, /./);
}
