import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readDocument } from '../../scripts/docs/documents.ts';
import { SAVED_VIEWS, savedViewLink } from '../../scripts/docs/saved-views.ts';
import { freshNamespace } from '../support/temporal-namespace.ts';

const QUESTIONS = readDocument('docs/questions.md');
/** Links to lists that the questions themselves show. */
const SHOWN = Array.from(QUESTIONS.matchAll(/https?:\/\/\S+[?&]query=\S+/g), ([link]) => link);
const UI = { ui: 'https://ui.example', namespace: 'prod' };

let temporal: Awaited<ReturnType<typeof freshNamespace>>;

beforeAll(async () => void (temporal = await freshNamespace(inject('temporalAddress'), { searchAttributes: true })));
afterAll(async () => await temporal.close());

describe('saved views', () => {
  it.each(SAVED_VIEWS)('$name: a server takes its query', async ({ query }) => {
    await expect(temporal.client.workflow.list({ query })[Symbol.asyncIterator]().next()).resolves.toEqual({
      done: true,
      value: undefined,
    });
    await expect(temporal.client.workflow.count(query)).resolves.toMatchObject({ count: 0 });
  });

  it.each(SHOWN)('and that of the link %s', async (link) => {
    await expect(temporal.client.workflow.count(new URL(link).searchParams.get('query') ?? 'none')).resolves.toMatchObject({ count: 0 });
  });

  it('a query that no server takes would be noticed', async () => {
    await expect(temporal.client.workflow.count("VfNoSuch = 'x'")).rejects.toMatchObject({
      cause: { message: expect.stringContaining('VfNoSuch') },
    });
  });

  it('are linked with name and query as they are, in what Markdown takes for one address', () => {
    for (const view of SAVED_VIEWS) {
      const { pathname, searchParams } = new URL(savedViewLink(view, UI));
      expect([pathname, searchParams.get('query'), searchParams.get('savedQuery')]).toEqual([
        '/namespaces/prod/workflows',
        view.query,
        view.name,
      ]);
      expect(savedViewLink(view, UI)).not.toMatch(/[\s()']/);
    }
    expect(new Set(SAVED_VIEWS.map(({ name }) => name)).size).toBe(SAVED_VIEWS.length);
  });

  it('answer questions that are asked', () => {
    const asked = new Set(Array.from(QUESTIONS.matchAll(/^## (.*)$/gm), ([, heading]) => heading));
    expect(SAVED_VIEWS.filter(({ asks }) => !asked.has(asks))).toEqual([]);
  });
});
