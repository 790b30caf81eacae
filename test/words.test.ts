import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { documentPaths, readDocument } from '../scripts/docs/documents.ts';
import { tableRows } from './support/markdown.ts';
import { filesBelow, sourceOf } from './support/sources.ts';

const PAGE = 'docs/words.md';
const FOLDERS = ['src', 'workflows', 'activities', 'workers', 'scripts', 'bench', 'test', 'examples'];

type Place = 'names' | 'prose' | 'documents';
type Rule = { readonly refused: string; readonly places: readonly string[]; readonly say: string; readonly unless: readonly string[] };
type Line = { readonly file: string; readonly line: number; readonly place: Place; readonly text: string; readonly whole: string };

const RULES: readonly Rule[] = tableRows(readDocument(PAGE), 'What the check refuses').map(
  ([refused = '', places = '', say = '', unless = '']) => ({
    refused: refused.replaceAll('`', ''),
    places: places.split(', '),
    say,
    unless: quoted(unless),
  }),
);

function quoted(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

/** One entry for each word in each file, with its lines and the first of them. */
function offendersIn(lines: readonly Line[]): string[] {
  return RULES.flatMap((rule) => {
    const pattern = new RegExp(`\\b${rule.refused.replaceAll(' ', '\\s+')}s?\\b`, 'i');
    const found = lines.filter(
      ({ place, text, whole }) => rule.places.includes(place) && pattern.test(text) && !rule.unless.some((part) => whole.includes(part)),
    );
    const places = new Set(found.map(({ file, place }) => `${file} (${place})`));
    return [...places].map((where) => {
      const hits = found.filter(({ file, place }) => where === `${file} (${place})`);
      const numbers = [...new Set(hits.map(({ line }) => line))].join(', ');
      return `${where}, line ${numbers}: "${rule.refused}", say ${rule.say}: ${hits[0]?.whole.trim().slice(0, 100)}`;
    });
  });
}

function linesOfCode(file: string, source: string): Line[] {
  const { program, comments } = parseSync(file, source);
  const lineOf = lineFinder(source);
  const sourceLines = source.split('\n');
  const remarks = comments.map(({ start, value }): Word => ({ start: start + 2, text: value, place: 'prose' }));
  const texts = [...remarks, ...wordsOf(program)];
  return texts.flatMap(({ start, text, place }) => {
    const first = lineOf(start);
    return text
      .split('\n')
      .map((one, index) => ({ file, line: first + index, place, text: one, whole: sourceLines[first + index - 1] ?? '' }));
  });
}

type Word = { readonly start: number; readonly text: string; readonly place: Place };

/** Identifiers, split into the words they are made of, and texts. Imports name files, which are nobody's prose. */
function wordsOf(program: unknown): readonly Word[] {
  const words: Word[] = [];
  visit(program, (word) => words.push(word));
  return words;
}

function visit(node: unknown, tell: (word: Word) => void): void {
  if (typeof node !== 'object' || node === null) return;
  const word = Array.isArray(node) ? undefined : wordOf(node);
  if (word !== undefined) tell(word);
  for (const [key, value] of Object.entries(node)) if (key !== 'source') visit(value, tell);
}

function wordOf(node: {
  readonly type?: unknown;
  readonly start?: unknown;
  readonly name?: unknown;
  readonly value?: unknown;
}): Word | undefined {
  const { type, start, name, value } = node;
  if (typeof start !== 'number') return undefined;
  if (typeof name === 'string') return { start, text: splitName(name), place: 'names' };
  if (type === 'Literal' && typeof value === 'string') return { start: start + 1, text: value, place: 'prose' };
  if (type === 'TemplateElement') return { start, text: String(Object(value).cooked ?? ''), place: 'prose' };
  return undefined;
}

/** `callsSpent` and `CALLS_SPENT` are `calls spent`. */
function splitName(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
}

function lineFinder(source: string): (offset: number) => number {
  const starts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

function linesOfDocument(path: string): Line[] {
  return readDocument(path)
    .split('\n')
    .map((text, index) => ({ file: path, line: index + 1, place: 'documents', text, whole: text }));
}

describe('one word for each thing (docs/words.md)', () => {
  it('holds in names, comments and texts of the code', { timeout: 120_000 }, () => {
    const lines = filesBelow(FOLDERS, /\.(ts|mjs)$/)
      .filter((file) => file !== 'test/words.test.ts')
      .flatMap((file) => linesOfCode(file, sourceOf(file)));
    expect(offendersIn(lines)).toEqual([]);
  });

  it('holds in the documents', () => {
    const pages = documentPaths().filter((path) => path !== PAGE);
    expect(offendersIn(pages.flatMap(linesOfDocument))).toEqual([]);
  });

  it('notices a name, a comment and a text, and looks over what is meant otherwise', () => {
    expect(RULES.length).toBeGreaterThan(15);
    const source =
      "// a poison pill\nconst callsSpent = 'the reservation';\nconst evidence: never[] = [];\nconst slotsLeft = 'a spent slot';\n";
    expect(offendersIn(linesOfCode('x.ts', source)).map((offender) => offender.split(', say')[0])).toEqual([
      'x.ts (prose), line 2: "reservation"',
      'x.ts (names), line 2: "spent"',
      'x.ts (prose), line 1: "poison"',
    ]);
  });
});
