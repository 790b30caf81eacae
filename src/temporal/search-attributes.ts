import type { ConnectionLike } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contracts/workflow.ts';
import { describeGrpcError, knownAs, unavailable, within } from './errors.ts';

type SearchAttributeName = (typeof SEARCH_ATTRIBUTES)[keyof typeof SEARCH_ATTRIBUTES]['name'];

/** `IndexedValueType` of the Temporal API. */
const INDEXED_VALUE_TYPES = { KEYWORD: 2, INT: 3, DATETIME: 6 } as const;

/**
 * Names that the namespace does not have, or has with another type (`VfStage (is Text)`). Empty: all is well.
 * @throws DependencyUnavailableError when the server cannot tell.
 */
export async function missingSearchAttributes(connection: ConnectionLike, namespace: string): Promise<string[]> {
  const registered = await registeredTypes(connection, namespace);
  return Object.values(SEARCH_ATTRIBUTES).flatMap(({ name, type }) => {
    if (registered[name] === undefined) return [name];
    return registered[name] === INDEXED_VALUE_TYPES[type] ? [] : [`${name} (registered with another type)`];
  });
}

/**
 * Registers what is missing and returns the names it added; repeating it changes nothing.
 * @throws DependencyUnavailableError also when the server forbids it (Temporal Cloud: make them with `tcld` or in its UI).
 */
export async function ensureSearchAttributes(connection: ConnectionLike, namespace: string): Promise<SearchAttributeName[]> {
  const registered = await registeredTypes(connection, namespace);
  const absent = Object.values(SEARCH_ATTRIBUTES).filter(({ name }) => registered[name] === undefined);
  if (absent.length === 0) return [];
  const names = absent.map(({ name }) => name);
  const searchAttributes = Object.fromEntries(absent.map(({ name, type }) => [name, INDEXED_VALUE_TYPES[type]]));
  try {
    await within({ client: connection }, () => connection.operatorService.addSearchAttributes({ namespace, searchAttributes }));
  } catch (error) {
    throw unavailable(
      `search attributes ${names.join(', ')} cannot be added to namespace "${namespace}" (${describeGrpcError(error)}); ` +
        'create them with the tools of the cluster, e.g. `temporal operator search-attribute create`',
      error,
    );
  }
  return names;
}

async function registeredTypes(connection: ConnectionLike, namespace: string): Promise<Record<string, number>> {
  const { customAttributes } = await knownAs(`the search attributes of namespace "${namespace}" cannot be listed`, () =>
    within({ client: connection }, () => connection.operatorService.listSearchAttributes({ namespace })),
  );
  return customAttributes;
}
