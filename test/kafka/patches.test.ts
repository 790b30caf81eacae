import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tableRows } from '../support/markdown.ts';
import { filesBelow, sourceOf } from '../support/sources.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = 'src/kafka/patches';
const readme = readFileSync(join(root, folder, 'README.md'), 'utf8');
const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));

describe("the patches of kafkajs's insides", () => {
  it('stand in their README, all of them, with what each changes and cures, a test and the day it can go', () => {
    const rows = tableRows(readme, 'Surgery on kafkajs');
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
    const letters = new Set(tableRows(readme, 'Defects that need no patch').map(([letter]) => letter));
    const tests = filesBelow(['test/kafka'], /\.ts$/).map(sourceOf);
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
    const all = filesBelow(['src', 'workers', 'activities', 'workflows', 'scripts', 'bench'], /\.ts$/);
    const others = all.filter((path) => !path.startsWith(folder));
    expect(others.filter((path) => /kafkajs\/src|prototypeOf\(/.test(sourceOf(path)))).toEqual([]);
  });
});
