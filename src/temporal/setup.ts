import type { ConnectionLike } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contracts/workflow.ts';
import type { Made, SetupPort } from '../operator/ports.ts';
import { ensureNamespace, namespaceRetentionMs } from './namespace.ts';
import { ensureSearchAttributes, missingSearchAttributes } from './search-attributes.ts';

type TemporalSetupOptions = { readonly connection: ConnectionLike; readonly namespace: string; readonly retentionMs: number };

/** The namespace first: search attributes belong to it. */
export function temporalSetup(options: TemporalSetupOptions): readonly SetupPort[] {
  return [namespaceSetup(options), searchAttributeSetup(options)];
}

function namespaceSetup({ connection, namespace, retentionMs }: TemporalSetupOptions): SetupPort {
  const what = 'namespace';
  const one = (result: Made['result']): readonly Made[] => [{ what, name: namespace, result }];
  return {
    what,
    inspect: async () => one((await namespaceRetentionMs(connection, namespace)) === undefined ? 'missing' : 'kept'),
    make: async () => one((await ensureNamespace(connection, { namespace, retentionMs })) === 'CREATED' ? 'made' : 'kept'),
  };
}

function searchAttributeSetup({ connection, namespace }: TemporalSetupOptions): SetupPort {
  const what = 'search attribute';
  const names = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);
  return {
    what,
    async inspect() {
      // Nobody can ask an absent namespace what it lacks.
      const absent = (await namespaceRetentionMs(connection, namespace)) === undefined;
      const missing = absent ? names : await missingSearchAttributes(connection, namespace);
      const kept = names.filter((name) => !missing.some((text) => text.split(' ')[0] === name));
      return [
        ...missing.map((name) => ({ what, name, result: 'missing' as const })),
        ...kept.map((name) => ({ what, name, result: 'kept' as const })),
      ];
    },
    async make() {
      const added: readonly string[] = await ensureSearchAttributes(connection, namespace);
      return names.map((name) => ({ what, name, result: added.includes(name) ? ('made' as const) : ('kept' as const) }));
    },
  };
}
