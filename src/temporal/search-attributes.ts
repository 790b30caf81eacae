import type { ConnectionLike } from '@temporalio/client';
import { untilSettled } from '../async/until-settled.ts';
import { SEARCH_ATTRIBUTES } from '../contracts/workflow.ts';
import type { Made } from '../operator/ports.ts';
import { describeGrpcError, GRPC_CODES, grpcCode, knownAs, unavailable, within } from './errors.ts';

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
 * Registers what is missing and waits until the server takes it; repeating it changes nothing, and what has another type
 * stays as it is.
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
  await untilTaken(
    connection,
    namespace,
    absent.map(({ name }) => name),
  );
  return found.map((one) => (one.result === 'missing' ? { ...one, result: 'made' } : one));
}

/** Lists read the database; starts and queries go through a cache that is two seconds old at most, unless the cluster says otherwise. */
async function untilTaken(connection: ConnectionLike, namespace: string, names: readonly string[]): Promise<void> {
  const query = names.map((name) => `${name} IS NULL`).join(' AND ');
  const ask = async () =>
    await within({ client: connection }, () => connection.workflowService.countWorkflowExecutions({ namespace, query }));
  await knownAs(`the search attributes ${names.join(', ')} of namespace "${namespace}" were added but are not usable yet`, () =>
    untilSettled(ask, { isPassing: isUnknown, everyMs: 100, atMostMs: 30_000 }),
  );
}

function isUnknown(error: unknown): boolean {
  return grpcCode(error) === GRPC_CODES.INVALID_ARGUMENT && /search attribute/i.test(describeGrpcError(error));
}

async function registeredTypes(connection: ConnectionLike, namespace: string): Promise<Record<string, number>> {
  const { customAttributes } = await knownAs(`the search attributes of namespace "${namespace}" cannot be listed`, () =>
    within({ client: connection }, () => connection.operatorService.listSearchAttributes({ namespace })),
  );
  return customAttributes;
}
