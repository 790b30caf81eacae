import type { State } from '../../src/domain/state.ts';
import { idOf } from './interned.ts';
import { factsOf } from './ledger.ts';
import type { Rules } from './rules.ts';
import type { Run, Task, Work, World } from './world.ts';

/**
 * Two worlds of one key have the same future, so only the first is walked on from. Where no operator may act any more,
 * nobody can go back in a history: of a run that is over only what the ledger reads of it matters then, and of an open one
 * not how it came to where it stands.
 */
export function keyOf(world: World, rules: Rules): string {
  const { nowMs, runs, works, readGrants, revisionGrants, vendor, topic, perhaps, left } = world;
  const read = new Set(readGrants.map(({ grantedTo }) => grantedTo.runId));
  const parts =
    left.acts > 0 ? runs.map(wholeRun) : runs.flatMap((run) => restOfRun(run, { rules, isRead: isHome(run) || read.has(run.id) }));
  return [
    `${nowMs} ${left.acts} ${left.losses} ${idOf(vendor)}`,
    parts.join(' '),
    works.map(workKey).toSorted().join(' '),
    ids(readGrants),
    ids(revisionGrants),
    sorted(topic),
    sorted(perhaps),
  ].join('|');
}

function ids(values: readonly object[]): string {
  return values.map((value) => idOf(value)).join();
}

function sorted(values: readonly object[]): string {
  return values
    .map((value) => idOf(value))
    .toSorted((one, other) => one - other)
    .join();
}

function isHome({ id, originalRunId, stamped }: Run): boolean {
  return stamped && id === originalRunId;
}

function headerOf({ id, workflowId, originalRunId, stamped, status, input }: Run): string {
  return `${id}/${workflowId === 'fv-copy' ? 'c' : ''}${originalRunId}${stamped ? 's' : ''}${status}${idOf(input)}`;
}

function pendingKey({ pending }: Run): string {
  if (pending === undefined) return '';
  const { ordered, scheduledAtMs, dispatchedAtMs, attempt, taken, failedBefore } = pending;
  return [idOf(ordered), scheduledAtMs, dispatchedAtMs, attempt, Number(taken), Number(failedBefore)].join();
}

function wholeRun(run: Run): string {
  return `${headerOf(run)}:${run.tasks.map((task) => idOf(task, writeTask)).join()}:${ids(run.inbox)}:${pendingKey(run)}`;
}

function writeTask(task: object): string {
  const { before: _follows, ...rest }: Partial<Task> = task;
  return JSON.stringify(rest);
}

/** The assignment follows from the input, which is in the header. */
function writeState(state: object): string {
  const { assignment: _follows, ...rest }: Partial<State> = state;
  return JSON.stringify(rest);
}

function restOfRun(run: Run, { rules, isRead }: { readonly rules: Rules; readonly isRead: boolean }): string | [] {
  const facts = isRead ? String(idOf(factsOf(run, rules))) : '';
  if (run.status !== 'OPEN') return isRead ? `${run.id}:${facts}` : [];
  const { state, awaits, activities } = run.standing;
  const stands = `${idOf(state, writeState)},${awaits === undefined ? '' : idOf(awaits)},${activities}`;
  return `${headerOf(run)}:${stands}:${ids(run.inbox)}:${pendingKey(run)}:${facts}`;
}

function workKey({ runId, ordered, dispatch, stale, keyless, heard }: Work): string {
  return `${runId}/${idOf(ordered)}/${idOf(dispatch)}/${Number(stale)}${Number(keyless)}/${ids(heard)}`;
}
