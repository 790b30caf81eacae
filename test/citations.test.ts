import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentPaths, readDocument, ROOT } from '../scripts/docs/documents.ts';
import { headingsOf, linksIn, tableRows } from './support/markdown.ts';
import { filesBelow, sourceOf } from './support/sources.ts';

const FOLDERS = ['src', 'workflows', 'activities', 'workers', 'scripts', 'bench', 'bin', 'test', 'examples'];
const SINGLE = ['.oxlintrc.json', 'knip.json', 'package.json', 'vitest.config.ts', 'docker-compose.yml', 'Dockerfile', '.env.example'];
const RULES = ['Parsing rules', 'What may pass', 'Errors and refusals', 'Connections and bodies', 'Contradictions'].flatMap((heading) =>
  tableRows(readDocument('docs/vendor.md'), heading),
);

type Text = { readonly file: string; readonly text: string };

const code: readonly Text[] = [...filesBelow(FOLDERS, /\.(ts|mjs)$/), ...SINGLE]
  .filter((file) => file !== 'test/citations.test.ts')
  .map((file) => ({ file, text: unwrapped(sourceOf(file)) }));
const documents: readonly Text[] = documentPaths().map((path) => ({ file: path, text: readDocument(path) }));

/** A comment that runs over several lines is one line: a citation may be broken anywhere. */
function unwrapped(source: string): string {
  return source.replaceAll(/\n\s*(?:\*|\/\/)(?!\/) ?/g, ' ');
}

/** What cannot be found in the repository. */
const UNKNOWN_SOURCES: readonly RegExp[] = [
  /§/g,
  /\b[Tt]he design\b(?! of| was)/g,
  /\b[Rr]eference (?:rows? \d|")/g,
  /\b[Tt]he reference's\b/g,
  /\b[Ss]eed rows?\b/g,
  /\bSeed: /g,
  /(?<=\s)\(seed[):]/g,
  /(?<=\bof )the seed's\b/g,
  /\bKIP \d/g,
  /\bkafkajs (?:issue )?#\d/g,
];

function unknownSourcesIn({ file, text }: Text): string[] {
  return UNKNOWN_SOURCES.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ index }) => `${file}: …${text.slice(Math.max(0, index - 50), index + 40).replaceAll('\n', ' ')}…`),
  );
}

/** Citations of documents, rows, headings and decisions that lead nowhere. */
function brokenCitationsIn({ file, text }: Text): string[] {
  return [...text.matchAll(/(?<![\w/])((?:docs\/[\w/-]+|README|CONTRIBUTING|SECURITY|CHANGELOG)\.md)(?![#)\w])(.{0,80})/g)]
    .filter(([, page = '', after = '']) => !leads(page, after))
    .map(([whole]) => `${file}: ${whole.slice(0, 80)}`)
    .concat(
      [...text.matchAll(/\bADR (\d{1,4})\b/g)].filter(([, number]) => !isDecision(Number(number))).map(([whole]) => `${file}: ${whole}`),
    );
}

function leads(page: string, after: string): boolean {
  if (!existsSync(join(ROOT, page))) return false;
  const rows = /^,? (?:[A-Z][\w ]+ and )?rows? ([\d–, and]+)/.exec(after)?.[1];
  if (rows !== undefined && page === 'docs/vendor.md' && !numbersIn(rows).every((row) => row <= RULES.length)) return false;
  const heading = /^(?:, | \()([A-Z].*)/.exec(after)?.[1];
  return heading === undefined || headingsOf(readDocument(page)).some((one) => heading.startsWith(one));
}

function numbersIn(text: string): number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}

function isDecision(number: number): boolean {
  const prefix = `${String(number).padStart(4, '0')}-`;
  return readdirSync(join(ROOT, 'docs/adr')).some((name) => name.startsWith(prefix));
}

describe('citations lead to what is in the repository', () => {
  it('in code', () => {
    expect(code.flatMap(unknownSourcesIn)).toEqual([]);
    expect(code.flatMap(brokenCitationsIn)).toEqual([]);
  });

  it('in documents', () => {
    expect(documents.flatMap(unknownSourcesIn)).toEqual([]);
    expect(documents.flatMap(brokenCitationsIn)).toEqual([]);
  });

  it('and one that leads nowhere is noticed', () => {
    const lost = [
      'a rule (design §6)',
      '/** Seed row 7 */',
      'see docs/nothing.md',
      'docs/vendor.md row 999',
      'docs/vendor.md, No such heading',
      'ADR 99',
      'KIP 516',
    ];
    const noticed = lost.filter((text) => [...unknownSourcesIn({ file: 'x', text }), ...brokenCitationsIn({ file: 'x', text })].length > 0);
    expect(noticed).toEqual(lost);
    const found = [
      'docs/vendor.md rows 3–8',
      '(docs/vendor.md, Error playbook and rows 9, 20)',
      'ADR 0011',
      'KIP-516',
      'kafkajs#320',
      'a random seed',
    ];
    expect(found.flatMap((text) => [...unknownSourcesIn({ file: 'x', text }), ...brokenCitationsIn({ file: 'x', text })])).toEqual([]);
  });
});

describe('the parsing rules of docs/vendor.md', () => {
  it('are numbered without a gap: code cites them by number', () => {
    expect(RULES.map(([number]) => Number(number))).toEqual(RULES.map((_rule, index) => index + 1));
    expect(RULES.length).toBeGreaterThanOrEqual(69);
  });

  it('are each tested under their number, or link to their test', () => {
    const tests = code.filter(({ file }) => file.startsWith('test/faceid/')).map(({ text }) => text);
    const named = new Set(
      tests.flatMap((text) => [...text.matchAll(/['"`]rows? ([\d, and]+)/g)].flatMap(([, rows = '']) => numbersIn(rows))),
    );
    const untested = RULES.filter(
      ([number, ...cells]) => !named.has(Number(number)) && !linksIn(cells.join(' ')).some((to) => to.includes('../test/')),
    );
    expect(untested.map(([number]) => number)).toEqual([]);
  });
});
