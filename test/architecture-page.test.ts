import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { readDocument, ROOT } from '../scripts/docs/documents.ts';
import { codeOf, sectionOf, tableRows } from './support/markdown.ts';

const page = readDocument('docs/architecture.md');

/** A file on a way, and the port or name through which one above it calls it, if it does not import it. */
type Stop = { readonly file: string; readonly through: string | undefined };

function wayOf(text: string, heading: string): readonly Stop[] {
  return [...sectionOf(text, heading).matchAll(/^\d+\. `([^`]+)`(?: \(through `([^`]+)`\))?/gm)].map(([, file = '', through]) => ({
    file,
    through,
  }));
}

function read(file: string): string {
  const path = join(ROOT, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function importsOf(file: string): readonly string[] {
  return parseSync(file, read(file)).module.staticImports.map(({ moduleRequest: { value } }) =>
    value.startsWith('.') ? relative(ROOT, normalize(join(ROOT, dirname(file), value))) : value,
  );
}

/** Why a stop is not called by any above it; empty if the way can be walked. */
function gapsIn(way: readonly Stop[]): string[] {
  return way.flatMap(({ file, through }, index) => {
    if (read(file) === '') return [`${file} does not exist`];
    if (index === 0) return [];
    const above = way.slice(0, index).map((stop) => stop.file);
    if (through === undefined) return above.some((one) => importsOf(one).includes(file)) ? [] : [`no file above imports ${file}`];
    const named = new RegExp(`\\b${through}\\b`);
    if (!named.test(read(file))) return [`${file} does not know ${through}`];
    return above.some((one) => named.test(read(one))) ? [] : [`no file above calls ${file} through ${through}`];
  });
}

describe('the ways in docs/architecture.md', () => {
  it.each([
    ['The way of a record', 18],
    ['The way of a read', 10],
    ['The way of an answer', 12],
  ])('%s passes at most %i files, each called by one before it', (heading, most) => {
    const way = wayOf(page, heading);
    expect(gapsIn(way)).toEqual([]);
    expect(way.length).toBeGreaterThan(5);
    expect(way.length).toBeLessThanOrEqual(most);
    expect(new Set(way.map(({ file }) => file)).size).toBe(way.length);
  });

  it('can fail: a missing file, one that nobody imports, and a port that nobody knows are noticed', () => {
    const text =
      '# A way\n\n1. `src/domain/decide.ts`\n2. `src/domain/nothing.ts`\n3. `src/kafka/batch.ts`\n4. `src/domain/evolve.ts` (through `Nobody`)\n';
    expect(gapsIn(wayOf(text, 'A way'))).toHaveLength(3);
  });
});

describe('the table of everyday changes', () => {
  const rows = tableRows(page, 'Where do I change …');

  it('names files that exist, a test that goes red, and nothing twice', () => {
    expect(rows.length).toBeGreaterThanOrEqual(12);
    const files = rows.map((row) => [row[0] ?? '', codeOf(row.join(' ')).filter((span) => /^[\w.-]+\/[\w/.-]+\.\w+$/.test(span))] as const);
    expect(files.flatMap(([, named]) => named).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect(files.filter(([, named]) => named.length < 2).map(([what]) => what)).toEqual([]);
    expect(rows.filter((row) => !/`test\/[\w/.-]+\.test\.ts`|`npx tsc/.test(row.at(-1) ?? '')).map(([what]) => what)).toEqual([]);
  });
});
