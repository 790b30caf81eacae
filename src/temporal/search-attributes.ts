import type { ConnectionLike } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contracts/workflow.ts';
import type { Made } from '../operator/ports.ts';
import { describeGrpcError, knownAs, unavailable, within } from './errors.ts';

const WHAT = 'search attribute';

/** `IndexedValueType` of the Temporal API, by the names that its tools use. */
const TYPE_NAMES = ['Unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'];
const INDEXED_VALUE_TYPES = { KEYWORD: 2, INT: 3, DATETIME: 6 } as const;

const ALL = Object.values(SEARCH_ATTRIBUTES);

/** What setup says of each in a namespace that does not exist: nobody can ask it what it lacks. */
export const ALL_MISSING: readonly Made[] = ALL.map(({ name }) => ({ what: WHAT, name, result: 'missing' }));

/**
 * Which of them the namespace has, lacks, or has with another type.
 * @throws DependencyUnavailableError when the server cannot tell.
 */
export async function inspectSearchAttributes(connection: ConnectionLike, namespace: string): Promise<readonly Made[]> {
  const registered = await registeredTypes(connection, namespace);
  return ALL.map(({ name, type }) => {
    const found = registered[name];
    if (found === undefined) return { what: WHAT, name, result: 'missing' };
    const wanted = INDEXED_VALUE_TYPES[type];
    if (found === wanted) return { what: WHAT, name, result: 'kept' };
    const remedy = `temporal operator search-attribute remove --namespace ${namespace} --name ${name}`;
    const problem = `is of type ${nameOf(found)}, ${nameOf(wanted)} is needed; types cannot be changed: \`${remedy}\`, then \`verdictflow setup\``;
    return { what: WHAT, name, result: 'unfit', problem };
  });
}

function nameOf(type: number): string {
  return TYPE_NAMES[type] ?? `number ${type}`;
}

/**
 * Registers what is missing; repeating it changes nothing, and what has another type stays as it is.
 * @throws DependencyUnavailableError also when the server forbids it (Temporal Cloud: make them with `tcld` or in its UI).
 */
export async function ensureSearchAttributes(connection: ConnectionLike, namespace: string): Promise<readonly Made[]> {
  const found = await inspectSearchAttributes(connection, namespace);
  const absent = ALL.filter(({ name }) => found.some((one) => one.name === name && one.result === 'missing'));
  if (absent.length === 0) return found;
  const searchAttributes = Object.fromEntries(absent.map(({ name, type }) => [name, INDEXED_VALUE_TYPES[type]]));
  try {
    await within({ client: connection }, () => connection.operatorService.addSearchAttributes({ namespace, searchAttributes }));
  } catch (error) {
    const names = absent.map(({ name }) => name).join(', ');
    throw unavailable(
      `search attributes ${names} cannot be added to namespace "${namespace}" (${describeGrpcError(error)}); ` +
        'create them with the tools of the cluster, e.g. `temporal operator search-attribute create`',
      error,
    );
  }
  return found.map((one) => (one.result === 'missing' ? { ...one, result: 'made' } : one));
}

async function registeredTypes(connection: ConnectionLike, namespace: string): Promise<Record<string, number>> {
  const { customAttributes } = await knownAs(`the search attributes of namespace "${namespace}" cannot be listed`, () =>
    within({ client: connection }, () => connection.operatorService.listSearchAttributes({ namespace })),
  );
  return customAttributes;
}
