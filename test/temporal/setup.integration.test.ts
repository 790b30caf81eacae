import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/workflow.ts';
import type { TemporalLink } from '../../src/temporal/connect.ts';
import { ensureNamespace, namespaceRetentionMs, refuseShortRetention } from '../../src/temporal/namespace.ts';
import { createVerificationReader } from '../../src/temporal/history/verification-reader.ts';
import { ensureSearchAttributes, inspectSearchAttributes } from '../../src/temporal/search-attributes.ts';
import { temporalSetup } from '../../src/temporal/setup.ts';
import { freshNamespace, RETENTION_MS } from '../support/temporal-namespace.ts';

describe('setting up a namespace', () => {
  let link: TemporalLink<NativeConnection>;

  beforeAll(async () => {
    link = await freshNamespace(inject('temporalAddress'), { searchAttributes: false });
  });
  afterAll(() => link.close());

  it('creates it once, with the retention asked for', async () => {
    await expect(namespaceRetentionMs(link.connection, link.namespace)).resolves.toBe(RETENTION_MS);
    await expect(ensureNamespace(link.connection, { namespace: link.namespace, retentionMs: 1 })).resolves.toBe('EXISTS');
    await expect(namespaceRetentionMs(link.connection, link.namespace)).resolves.toBe(RETENTION_MS);
  });

  it('refuses one that forgets tokens before their window ends, with both figures and the way out, and setup warns of it', async () => {
    const { connection, namespace } = link;
    await expect(refuseShortRetention(connection, { namespace, windowMs: RETENTION_MS })).resolves.toBeUndefined();
    const refused = refuseShortRetention(connection, { namespace, windowMs: RETENTION_MS + 1 });
    await expect(refused).rejects.toMatchObject({ name: 'ConfigurationError', exitCode: 78 });
    await expect(refused).rejects.toThrow(/for 720 h, shorter than VF_WINDOW \(720 h\).*--retention 721h/);
    const [one] = temporalSetup({ connection, namespace, retentionMs: RETENTION_MS, windowMs: RETENTION_MS + 3_600_000 });
    for (const found of [await one?.inspect(), await one?.make()])
      expect(found).toEqual([expect.objectContaining({ result: 'kept', warnings: [expect.stringContaining('(721 h)')] })]);
  });

  it('knows a namespace that does not exist', async () => {
    await expect(namespaceRetentionMs(link.connection, 'nowhere')).resolves.toBeUndefined();
  });

  it('registers every search attribute once', async () => {
    const { connection, namespace } = link;
    const all = (result: string) => Object.values(SEARCH_ATTRIBUTES).map(({ name }) => ({ what: 'search attribute', name, result }));
    await expect(inspectSearchAttributes(connection, namespace)).resolves.toEqual(all('missing'));
    await expect(ensureSearchAttributes(connection, namespace)).resolves.toEqual(all('made'));
    await expect(inspectSearchAttributes(connection, namespace)).resolves.toEqual(all('kept'));
    await expect(ensureSearchAttributes(connection, namespace)).resolves.toEqual(all('kept'));
  });

  it('makes search attributes that a start and a query can use at once', async () => {
    for (const _ of [1, 2, 3]) {
      const fresh = await freshNamespace(inject('temporalAddress'), { searchAttributes: true });
      try {
        const { client } = fresh;
        const start = { taskQueue: 'nobody', workflowId: 'x', typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.stage, value: 'WAITING' }] };
        await client.workflow.start('any', start);
        await expect(client.workflow.count(`${SEARCH_ATTRIBUTES.bizKey.name} IS NULL`)).resolves.toBeDefined();
      } finally {
        await fresh.close();
      }
    }
  });

  it('lets a list say what is missing', async () => {
    const bare = await freshNamespace(inject('temporalAddress'), { searchAttributes: false });
    try {
      const rows = createVerificationReader({ client: bare.client }).list(`${SEARCH_ATTRIBUTES.stage.name} = 'WAITING'`, 1);
      await expect(rows[Symbol.asyncIterator]().next()).rejects.toThrow(/VfStage: run `verdictflow setup`/);
    } finally {
      await bare.close();
    }
  });

  it('says of an attribute with another type what it has, what is needed and the remedy; makes the others', async () => {
    const other = await freshNamespace(inject('temporalAddress'), { searchAttributes: false });
    try {
      await other.connection.operatorService.addSearchAttributes({ namespace: other.namespace, searchAttributes: { VfStage: 1 } });
      const problem =
        'is of type Text, Keyword is needed; types cannot be changed: ' +
        `\`temporal operator search-attribute remove --namespace ${other.namespace} --name VfStage\`, then \`verdictflow setup\``;
      const made = await ensureSearchAttributes(other.connection, other.namespace);
      expect(made.filter(({ result }) => result !== 'made')).toEqual([
        { what: 'search attribute', name: 'VfStage', result: 'unfit', problem },
      ]);
    } finally {
      await other.close();
    }
  });
});
