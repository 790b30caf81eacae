import type { ConnectionLike } from '@temporalio/client';
import type { Made, SetupPort } from '../operator/ports.ts';
import { ensureNamespace, namespaceRetentionMs } from './namespace.ts';
import { ALL_MISSING, ensureSearchAttributes, inspectSearchAttributes } from './search-attributes.ts';

type TemporalSetupOptions = { readonly connection: ConnectionLike; readonly namespace: string; readonly retentionMs: number };

/** The namespace first: search attributes belong to it. */
export function temporalSetup(options: TemporalSetupOptions): readonly SetupPort[] {
  return [namespaceSetup(options), searchAttributeSetup(options)];
}

function namespaceSetup({ connection, namespace, retentionMs }: TemporalSetupOptions): SetupPort {
  const what = 'namespace';
  const one = (result: 'missing' | 'kept' | 'made'): readonly Made[] => [{ what, name: namespace, result }];
  return {
    what,
    inspect: async () => one((await namespaceRetentionMs(connection, namespace)) === undefined ? 'missing' : 'kept'),
    make: async () => one((await ensureNamespace(connection, { namespace, retentionMs })) === 'CREATED' ? 'made' : 'kept'),
  };
}

function searchAttributeSetup({ connection, namespace }: TemporalSetupOptions): SetupPort {
  return {
    what: 'search attribute',
    inspect: async () =>
      (await namespaceRetentionMs(connection, namespace)) === undefined
        ? ALL_MISSING
        : await inspectSearchAttributes(connection, namespace),
    make: async () => await ensureSearchAttributes(connection, namespace),
  };
}
