import type { LedgerQuestion } from '../../activities/ports.ts';
import { defined } from '../../src/domain/defined.ts';
import { grantedReadWorkflowId, grantedRevisionWorkflowId, workflowIdOf } from '../../src/domain/ids.ts';
import type { ActivityEnd, LedgerAnswer, RunFacts, ScheduledRead } from '../../src/domain/ledger/ledger.ts';
import type { Revision } from '../../src/domain/ledger/revisions.ts';
import { createHistoryLedger } from '../../src/temporal/history/ledger.ts';
import type { HistorySource } from '../../src/temporal/history/source.ts';
import { silentLogger } from '../support/silent-logger.ts';
import type { Rules } from './rules.ts';
import { VERIFICATION_ID } from './size.ts';
import { iso, type Run, type Told, type World } from './world.ts';

// The ledger of the product over the histories of a small world, which stand still while it looks at them.

/** What the reader of a run's history would digest it to. */
export function factsOf(run: Run, rules: Pick<Rules, 'learns'>): RunFacts {
  const known = digests.get(run);
  if (known !== undefined && known.learns === rules.learns) return known.facts;
  const facts = digest(run, rules);
  digests.set(run, { facts, learns: rules.learns });
  return facts;
}

const digests = new WeakMap<Run, { readonly facts: RunFacts; readonly learns: Rules['learns'] }>();

function digest(run: Run, { learns }: Pick<Rules, 'learns'>): RunFacts {
  const { id: runId, originalRunId, stamped, input } = run;
  const told = [...run.tasks.flatMap((task) => task.told), ...run.inbox];
  const { maxReads, maxRefusals, countRefused } = input.policy;
  const reads = run.tasks.flatMap(({ ordered, atMs }): ScheduledRead[] => {
    if (ordered?.kind !== 'READ') return [];
    const { activityId, order } = ordered;
    return [{ activityId, scheduledAt: iso(atMs), trigger: order.trigger, end: endOf(activityId, { told, learns }) }];
  });
  const emission = run.tasks.map(({ ordered }) => ordered).findLast((ordered) => ordered?.kind === 'EMIT');
  return {
    runId,
    originalRunId,
    stamped,
    closed: run.status !== 'OPEN',
    terms: { maxReads, maxRefusals, countRefused, deadlineAt: input.deadlineAt },
    reads,
    ...defined({ emitted: emission?.kind === 'EMIT' ? emission.order.event : undefined }),
    ...(lastTaskLost(run) ? { lastTaskLost: true } : {}),
  };
}

function lastTaskLost({ status, inbox, tasks }: Run): boolean {
  if (status === 'OPEN' || tasks.some(({ ordered }) => ordered?.kind === 'EMIT')) return false;
  return inbox.some(({ kind }) => kind === 'READ_COMPLETED');
}

function endOf(activityId: string, { told, learns }: { readonly told: readonly Told[] } & Pick<Rules, 'learns'>): ActivityEnd {
  for (const one of told) {
    if (one.kind === 'READ_COMPLETED' && one.activityId === activityId) {
      const { answer, atMs } = one;
      return { kind: 'COMPLETED', at: iso(atMs), ...(answer.kind === 'RECOVERED' ? {} : { report: learns(answer) }) };
    }
    if (one.kind === 'READ_TIMED_OUT' && one.activityId === activityId) {
      const at = iso(one.atMs);
      if (one.neverTaken) return { kind: 'NEVER_STARTED', at };
      const lost = learns({ kind: 'UNCERTAIN', cause: 'WORKER_LOST', endedAt: at });
      return lost.kind === 'UNCERTAIN' ? { kind: 'FAILED', at } : { kind: 'COMPLETED', at, report: lost };
    }
  }
  return { kind: 'OPEN' };
}

function sourceOf(world: World, rules: Rules): HistorySource {
  const readGrants = new Map(world.readGrants.map((grant) => [grantedReadWorkflowId(VERIFICATION_ID, grant.read), grant]));
  const revisions = new Map(world.revisionGrants.map((grant) => [grantedRevisionWorkflowId(VERIFICATION_ID, grant.revision), grant]));
  return {
    async run(workflowId, runId) {
      const run = world.runs.find((one) => one.id === runId && one.workflowId === workflowId);
      if (run === undefined) return undefined;
      const facts = factsOf(run, rules);
      return run.stamped && run.id === run.originalRunId ? rules.seesHome(facts) : facts;
    },
    async grant(workflowId) {
      const grant = readGrants.get(workflowId) ?? revisions.get(workflowId);
      if (grant === undefined) return undefined;
      const { grantedTo: by, takenAtMs } = grant;
      return { takenAt: iso(takenAtMs), by, ...('event' in grant ? { event: grant.event } : {}) };
    },
    async runIds(workflowId) {
      return world.runs.filter((run) => run.workflowId === workflowId).map(({ id }) => id);
    },
  };
}

function ledgerOver(world: World, rules: Rules) {
  return createHistoryLedger({ source: sourceOf(world, rules), logger: silentLogger, pause: async () => undefined });
}

/** All that the ledger can say at this moment. */
export async function consult(
  world: World,
  { question, rules }: { readonly question: LedgerQuestion; readonly rules: Rules },
): Promise<LedgerAnswer> {
  return await ledgerOver(world, rules).consult(question);
}

/** The revisions granted so far, by the ledger of the product. */
export async function revisionsIn(
  world: World,
  { first, rules }: { readonly first: number; readonly rules: Rules },
): Promise<readonly Revision[]> {
  return await ledgerOver(world, rules).revisions(VERIFICATION_ID, first);
}

/** The one run that ingress started. */
export function homeOf(world: World): Run {
  const home = world.runs.find((run) => run.stamped && run.id === run.originalRunId && run.workflowId === workflowIdOf(VERIFICATION_ID));
  if (home === undefined) throw new Error('the world begins with a home run');
  return home;
}
