import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/workflow.ts';
import type { TemporalLink } from '../../src/temporal/connect.ts';
import { ensureNamespace, namespaceRetentionMs, refuseShortRetention } from '../../src/temporal/namespace.ts';
import { ensureSearchAttributes, missingSearchAttributes } from '../../src/temporal/search-attributes.ts';
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
    const names = Object.values(SEARCH_ATTRIBUTES)
      .map(({ name }) => name)
      .toSorted();
    expect((await missingSearchAttributes(connection, namespace)).toSorted()).toEqual(names);
    expect((await ensureSearchAttributes(connection, namespace)).toSorted()).toEqual(names);
    await expect(missingSearchAttributes(connection, namespace)).resolves.toEqual([]);
    await expect(ensureSearchAttributes(connection, namespace)).resolves.toEqual([]);
  });

  it('names an attribute that has another type', async () => {
    const other = await freshNamespace(inject('temporalAddress'), { searchAttributes: false });
    try {
      await other.connection.operatorService.addSearchAttributes({ namespace: other.namespace, searchAttributes: { VfStage: 1 } });
      await expect(missingSearchAttributes(other.connection, other.namespace)).resolves.toContain('VfStage (registered with another type)');
    } finally {
      await other.close();
    }
  });
});
