import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageOf } from '../../../src/operator/timeline/page.ts';
import type { TimelineEvent } from '../../../src/operator/timeline/ports.ts';
import { timelineText } from '../../../src/operator/timeline/render-text.ts';
import { CASES, DETAILS, NOW_MS, TIMELINE } from './cases.ts';

const PAGE = pageOf({ details: DETAILS, timeline: TIMELINE, nowMs: NOW_MS, uiUrl: 'https://ui.example/w' });
const EVENTS = Object.values(CASES)
  .flatMap((cases): readonly (readonly [TimelineEvent, string])[] => cases)
  .map(([event]) => event);

/** Tags and attribute names of a page, in order: what a browser would make of it. Values are quoted, and none holds a quote or an angle bracket. */
function markupIn(page: string): readonly string[] {
  return [...page.matchAll(/<[!/]?[^<>]*>/g)].map(([tag]) => tag.replaceAll(/="[^"]*"/g, '=""').replaceAll(/\s+/g, ' '));
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='x",
    '</style><style>*{display:none}',
    '&lt;b&gt;',
    '${7*7}',
    '\u001B[2J\u001B]0;owned\u0007',
    '\u202Eevil\u202C',
    '\u0000',
    'javascript:alert(1)',
    '-->',
    'valueOf',
    '__proto__',
  ),
);

/** The event with every text that another could have written replaced. */
function poisoned(value: unknown, text: string, key = ''): unknown {
  if (Array.isArray(value)) return value.map((part) => poisoned(part, text));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, poisoned(part, text, name)]));
  const isOurs = /^(kind|at|.*At|state|fate|trigger|follows|how)$/.test(key);
  return typeof value === 'string' && !isOurs ? text : value;
}

describe('a page for a ticket', () => {
  it('needs nothing from elsewhere and runs nothing, and its policy forbids both', () => {
    expect(PAGE).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\son\w+=/i);
    expect([...PAGE.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, target]) => target)).toEqual(['https://ui.example/w']);
    const style = /<style>([\s\S]*?)<\/style>/.exec(PAGE)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(PAGE).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    );
    expect(PAGE.match(/<style|style="/g)).toEqual(['<style']);
  });

  it('tells everything that happened', () => {
    const text = PAGE.replaceAll(/<[^<>]*>/g, ' ')
      .replaceAll('&#39;', "'")
      .replaceAll(/\s+/g, ' ');
    for (const told of [
      'vendor outage',
      'read 1 of 3: the vendor answered PROCESSING',
      'result_ref1 68.918, needs 69 for 1e-4',
      'runs whose history is gone: 1',
    ])
      expect(text).toContain(told);
  });

  it('links to no address but one of the web', () => {
    expect(pageOf({ details: DETAILS, timeline: TIMELINE, nowMs: NOW_MS, uiUrl: 'javascript:alert(1)' })).not.toContain('javascript:');
  });

  it('whatever others have written, is the same page with other words', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same shape with other texts
        const events = EVENTS.map((event) => poisoned(event, text) as TimelineEvent);
        const details = { ...DETAILS, policy: text, namespace: text, note: text, reasons: [text], waitingFor: text };
        const plain = { ...DETAILS, policy: 'x', namespace: 'x', note: 'x', reasons: ['x'], waitingFor: 'x' };
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same shape with other texts
        const tame = EVENTS.map((event) => poisoned(event, 'x') as TimelineEvent);
        const page = pageOf({ details, timeline: { ...TIMELINE, events, gaps: [text] }, nowMs: NOW_MS });
        const other = pageOf({ details: plain, timeline: { ...TIMELINE, events: tame, gaps: ['x'] }, nowMs: NOW_MS });
        expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        const [made, meant] = [markupIn(page), markupIn(other)].map((tags) => tags.filter((tag) => !/class="more"|^<\/?div/.test(tag)));
        expect(made).toEqual(meant);
      }),
      { numRuns: 300 },
    );
  });

  it('and no terminal is steered by them', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same shape with other texts
        const events = EVENTS.map((event) => poisoned(event, text) as TimelineEvent);
        const shown = timelineText({ ...TIMELINE, events, gaps: [text] }, NOW_MS);
        expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(shown.split('\n').length).toBeLessThanOrEqual(2 * EVENTS.length + 6);
      }),
      { numRuns: 300 },
    );
  });
});
