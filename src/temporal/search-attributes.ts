import type { ConnectionLike } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contracts/workflow.ts';
import { describeGrpcError, unavailable } from './errors.ts';

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

/** `IndexedValueType` of the Temporal API. */
const INDEXED_VALUE_TYPES = { KEYWORD: 2, INT: 3, DATETIME: 6 } as const;

/** Typed keys for `typedSearchAttributes` and visibility queries. */
export const SEARCH_ATTRIBUTE_KEYS = {
  outcome: { name: 'VfOutcome', type: SEARCH_ATTRIBUTES.VfOutcome },
  reason: { name: 'VfReason', type: SEARCH_ATTRIBUTES.VfReason },
  stage: { name: 'VfStage', type: SEARCH_ATTRIBUTES.VfStage },
  callsSpent: { name: 'VfCallsSpent', type: SEARCH_ATTRIBUTES.VfCallsSpent },
  deadline: { name: 'VfDeadline', type: SEARCH_ATTRIBUTES.VfDeadline },
  bizNo: { name: 'VfBizNo', type: SEARCH_ATTRIBUTES.VfBizNo },
  policy: { name: 'VfPolicy', type: SEARCH_ATTRIBUTES.VfPolicy },
} as const;

/**
 * Names that the namespace does not have, or has with another type (`VfStage (is Text)`). Empty: all is well.
 * @throws DependencyUnavailableError when the server cannot tell.
 */
export async function missingSearchAttributes(connection: ConnectionLike, namespace: string): Promise<string[]> {
  const registered = await registeredTypes(connection, namespace);
  return attributeNames().flatMap((name) => {
    const type = registered[name];
    if (type === undefined) {
      return [name];
    }
    return type === INDEXED_VALUE_TYPES[SEARCH_ATTRIBUTES[name]] ? [] : [`${name} (registered with another type)`];
  });
}

/**
 * Registers what is missing and returns the names it added; repeating it changes nothing.
 * @throws DependencyUnavailableError also when the server forbids it (Temporal Cloud: make them with `tcld` or in its UI).
 */
export async function ensureSearchAttributes(connection: ConnectionLike, namespace: string): Promise<SearchAttributeName[]> {
  const registered = await registeredTypes(connection, namespace);
  const absent = attributeNames().filter((name) => registered[name] === undefined);
  if (absent.length === 0) {
    return [];
  }
  const searchAttributes = Object.fromEntries(absent.map((name) => [name, INDEXED_VALUE_TYPES[SEARCH_ATTRIBUTES[name]]]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    throw unavailable(
      `search attributes ${absent.join(', ')} cannot be added to namespace "${namespace}" (${describeGrpcError(error)}); ` +
        'create them with the tools of the cluster, e.g. `temporal operator search-attribute create`',
      error,
    );
  }
  return absent;
}

async function registeredTypes(connection: ConnectionLike, namespace: string): Promise<Record<string, number>> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return customAttributes;
  } catch (error) {
    throw unavailable(`the search attributes of namespace "${namespace}" cannot be listed (${describeGrpcError(error)})`, error);
  }
}

function attributeNames(): SearchAttributeName[] {
  return Object.values(SEARCH_ATTRIBUTE_KEYS).map(({ name }) => name);
}
