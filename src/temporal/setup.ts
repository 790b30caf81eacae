import type { ConnectionLike } from '@temporalio/client';
import type { Made, SetupPort } from '../operator/ports.ts';
import { ensureNamespace, namespaceRetentionMs, shortRetention } from './namespace.ts';
import { ALL_MISSING, ensureSearchAttributes, inspectSearchAttributes } from './search-attributes.ts';

type TemporalSetupOptions = {
  readonly connection: ConnectionLike;
  readonly namespace: string;
  readonly retentionMs: number;
  readonly windowMs: number;
};

/** The namespace first: search attributes belong to it. */
export function temporalSetup(options: TemporalSetupOptions): readonly SetupPort[] {
  return [namespaceSetup(options), searchAttributeSetup(options)];
}

function namespaceSetup({ connection, namespace, retentionMs, windowMs }: TemporalSetupOptions): SetupPort {
  const what = 'namespace';
  const inspect = async (): Promise<readonly Made[]> => {
    const foundMs = await namespaceRetentionMs(connection, namespace);
    if (foundMs === undefined) return [{ what, name: namespace, result: 'missing' }];
    const short = shortRetention(foundMs, { namespace, windowMs });
    return [{ what, name: namespace, result: 'kept', warnings: short === undefined ? [] : [`${short}. No role starts until then`] }];
  };
  return {
    what,
    inspect,
    async make() {
      const made = await ensureNamespace(connection, { namespace, retentionMs });
      return made === 'CREATED' ? [{ what, name: namespace, result: 'made' }] : await inspect();
    },
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
