import { randomUUID } from 'node:crypto';
import type { NativeConnection } from '@temporalio/worker';
import { connectTemporal, type TemporalLink } from '../../src/temporal/connect.ts';
import { ensureNamespace } from '../../src/temporal/namespace.ts';
import { ensureSearchAttributes } from '../../src/temporal/search-attributes.ts';
import { silentLogger } from './silent-logger.ts';

/** Of the namespaces made here: thirty days. */
export const RETENTION_MS = 30 * 86_400_000;

/**
 * A native link to a namespace of its own, so that tests on one server do not see each other. It keeps closed workflows for
 * `retentionMs`.
 */
export async function freshNamespace(
  address: string,
  options: { readonly searchAttributes: boolean; readonly retentionMs?: number },
): Promise<TemporalLink<NativeConnection>> {
  const namespace = `test-${randomUUID().slice(0, 8)}`;
  const link = await connectTemporal({
    native: true,
    logger: silentLogger,
    startupTimeoutMs: 30_000,
    requireNamespace: false,
    overrides: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
  });
  await ensureNamespace(link.connection, { namespace, retentionMs: options.retentionMs ?? RETENTION_MS });
  if (options.searchAttributes) await ensureSearchAttributes(link.connection, namespace);
  return link;
}
