import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LOG_EVENTS } from '../../src/observability/log-events.ts';
import { sourceText } from '../support/sources.ts';

const CODE = sourceText(['src', 'workers', 'activities', 'workflows']);
/** On standard output, for whoever started the process. */
const NOT_LOGGED = ['ready'];

/** Names and levels of all log lines with a field `event`, as they stand in the code. */
function emitted(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, level = '', name = ''] of CODE.matchAll(/logger(?:\.(\w+)|\[log\])\(\s*\{\s*event: '([a-z-]+)'/g))
    found.set(name, (found.get(name) ?? new Set()).add(level));
  return found;
}

describe('the table of log events', () => {
  it('has every event that the code writes', () => {
    const written = Array.from(CODE.matchAll(/\{\s*event: '([^']*)'/g), ([, name = '']) => name).filter(
      (name) => !NOT_LOGGED.includes(name),
    );
    expect(written.length).toBeGreaterThan(20);
    expect([...new Set(written)].filter((name) => !(name in LOG_EVENTS))).toEqual([]);
    // None is written in a form that the next test does not see.
    expect([...new Set(written)].toSorted()).toEqual([...emitted().keys()].toSorted());
  });

  it.each(Object.entries(LOG_EVENTS))('tells at which level %s is written, and no event that nobody writes', (name, { levels }) => {
    const found = [...(emitted().get(name) ?? [])];
    // One whose level is chosen when it is written has several.
    if (levels.length === 1) expect(found).toEqual(levels);
    else expect(found).toEqual(['']);
  });

  it('sends people to places of the runbook that are there', () => {
    const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8').replaceAll('`', '');
    const named = Object.values(LOG_EVENTS).flatMap(({ advice }) => Array.from(advice.matchAll(/\*(.+?)\*/g), ([, place = '']) => place));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((place) => !runbook.includes(`| ${place}`) && !runbook.includes(`# ${place}\n`))).toEqual([]);
  });
});
