import type { ConnectionLike } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contracts/workflow.ts';
import type { Made, SetupPort } from '../operator/ports.ts';
import { ensureNamespace, namespaceRetentionMs, shortRetention } from './namespace.ts';
import { ensureSearchAttributes, missingSearchAttributes } from './search-attributes.ts';

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
