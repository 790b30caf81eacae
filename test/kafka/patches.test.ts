import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = 'src/kafka/patches';
const readme = readFileSync(join(root, folder, 'README.md'), 'utf8');
const [patches = '', defects = ''] = readme.split('## Defects that need no patch');
const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));

function cellsOf(text: string): string[][] {
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function sourcesBelow(name: string): string[] {
  return readdirSync(join(root, name), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${name}/${file}`);
}

describe("the patches of kafkajs's insides", () => {
  it('stand in their README, all of them, with what each changes and cures, a test and the day it can go', () => {
    const rows = cellsOf(patches);
    expect(new Set(rows.map(([file]) => file))).toEqual(new Set(files.map((name) => `\`${name}\``)));
    expect(rows).toHaveLength(files.length);
    for (const row of rows) expect(row.filter((cell) => cell !== '')).toHaveLength(5);
  });

  it.each(files)('begin by saying why they are there: %s', (name) => {
    expect(readFileSync(join(root, folder, name), 'utf8').slice(0, 4)).toBe('/**\n');
  });

  it('and the defects gone round are proved by tests that exist, in files that exist', () => {
    const named = [...readme.matchAll(/`((?:src|test)\/[\w./-]+\.ts)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('know every letter that a test names a defect by', () => {
    const letters = new Set(cellsOf(defects).map(([letter]) => letter));
    const tests = sourcesBelow('test/kafka').map((path) => readFileSync(join(root, path), 'utf8'));
    const used = tests.flatMap((text) =>
      [...text.matchAll(/\(defects? ([A-Z])(?: and ([A-Z]))?\b/g)].flatMap(([, one, two]) => [one, two]),
    );
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((letter) => letter !== undefined && !letters.has(letter))).toEqual([]);
  });

  it('are written for the version that is installed', () => {
    const installed: unknown = createRequire(import.meta.url)('kafkajs/package.json');
    expect(installed).toMatchObject({ version: '2.2.4' });
    expect(readme).toContain('pinned to 2.2.4');
  });

  it("are the only ones to touch kafkajs's sources", () => {
    const others = ['src', 'workers', 'activities', 'workflows', 'scripts', 'bench']
      .flatMap(sourcesBelow)
      .filter((path) => !path.startsWith(folder));
    expect(others.filter((path) => /kafkajs\/src|prototypeOf\(/.test(readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });
});
