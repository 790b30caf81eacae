import type { LedgerQuestion, VerificationLedger } from '../../../activities/ports.ts';
import { sleep } from '../../async/sleep.ts';
import type { Logger } from '../../contracts/logger.ts';
import { defined } from '../../domain/defined.ts';
import { grantedReadWorkflowId, grantedRevisionWorkflowId, workflowIdOf } from '../../domain/ids.ts';
import { type LedgerAnswer, ledgerOf, type RunFacts, type TakenRead } from '../../domain/ledger/ledger.ts';
import type { Revision } from '../../domain/ledger/revisions.ts';
import { describeGrpcError, unavailable } from '../errors.ts';
import type { HistorySource } from './source.ts';

/** Visibility knows a run half a second after its start, as measured; an emission waits for one that lags. */
const SEARCHES = 4;
const SEARCH_EVERY_MS = 400;
/** Histories that are read side by side; an id can have more runs than the server answers at once. */
const RUNS_AT_ONCE = 20;

type HistoryLedgerOptions = {
  readonly source: HistorySource;
  readonly logger: Logger;
  /** Waits that many ms; for tests. */
  readonly pause?: (ms: number) => Promise<void>;
};

/** The ledger of a verification from the histories of its runs and grants; also what `replay` plans by. */
export function createHistoryLedger({ source, logger, pause = sleep }: HistoryLedgerOptions): VerificationLedger {
  return {
    async consult(question) {
      try {
        return await consult(source, { question, pause });
      } catch (error) {
        const { verificationId } = question;
        logger.warn({ event: 'ledger-unknown', verificationId, reason: describeGrpcError(error) }, 'the reads made so far are not known');
        return { kind: 'UNKNOWN', doubt: 'SERVER_UNAVAILABLE' };
      }
    },
    revisions: (verificationId, first) => revisions(source, { verificationId, first }),
  };
}

type Consultation = { readonly question: LedgerQuestion; readonly pause: (ms: number) => Promise<void> };

async function consult(source: HistorySource, { question, pause }: Consultation): Promise<LedgerAnswer> {
  const { verificationId, rule } = question;
  const home = await findHome(source, { question, pause });
  if ('doubt' in home) return { kind: 'UNKNOWN', ...home };
  // It might still read ungranted. Only under another workflow id can a run meet it, because ids have one open run.
  if (!home.closed) return { kind: 'UNKNOWN', doubt: 'HOME_RUNNING' };
  // All that can have been granted, whatever the run that asks counts by: grants are given on the home run's terms.
  const numbers = Array.from({ length: (home.terms ?? rule).maxReads }, (_, index) => index + 1);
  const taken = await Promise.all(numbers.map((read) => takenRead(source, { verificationId, read })));
  return { kind: 'KNOWN', ledger: ledgerOf(home, { rule, taken: taken.filter((one) => one !== undefined) }) };
}

type NoHome = { readonly doubt: 'HOME_NOT_FOUND' | 'HOME_AMBIGUOUS'; readonly runIds: readonly string[] };

/** A named home run is checked, then used; otherwise the one run that fits is searched for. */
async function findHome(source: HistorySource, { question, pause }: Consultation): Promise<RunFacts | NoHome> {
  const workflowId = workflowIdOf(question.verificationId);
  const named = question.homeRunId === undefined ? undefined : await source.run(workflowId, question.homeRunId);
  if (named !== undefined && isHomeRun(named)) return named;
  for (let search = 1; ; search += 1) {
    const runIds = await source.runIds(workflowId);
    const homes = await homeRunsAmong(source, { workflowId, runIds });
    const [home] = homes;
    if (homes.length > 1) return { doubt: 'HOME_AMBIGUOUS', runIds };
    if (home !== undefined) return home;
    if (search === SEARCHES) return { doubt: 'HOME_NOT_FOUND', runIds };
    await pause(SEARCH_EVERY_MS);
  }
}

async function homeRunsAmong(
  source: HistorySource,
  { workflowId, runIds }: { readonly workflowId: string; readonly runIds: readonly string[] },
): Promise<readonly RunFacts[]> {
  const homes: RunFacts[] = [];
  for (let from = 0; from < runIds.length; from += RUNS_AT_ONCE) {
    const some = runIds.slice(from, from + RUNS_AT_ONCE);
    const runs = await Promise.all(some.map((runId) => source.run(workflowId, runId)));
    homes.push(...runs.filter((run) => run !== undefined).filter(isHomeRun));
  }
  return homes;
}

/** A reset run carries the stamp as well, but another original; a run started by hand is its own original, unstamped. */
function isHomeRun({ stamped, runId, originalRunId }: RunFacts): boolean {
  return stamped && runId === originalRunId;
}

async function takenRead(
  source: HistorySource,
  { verificationId, read }: { readonly verificationId: string; readonly read: number },
): Promise<TakenRead | undefined> {
  const grant = await source.grant(grantedReadWorkflowId(verificationId, read));
  if (grant === undefined) return undefined;
  const { takenAt, by } = grant;
  const facts = by === undefined ? undefined : await source.run(by.workflowId, by.runId);
  return { read, takenAt, ...defined({ by, facts }) };
}

async function revisions(
  source: HistorySource,
  { verificationId, first }: { readonly verificationId: string; readonly first: number },
): Promise<readonly Revision[]> {
  const known: Revision[] = [];
  for (let revision = first; ; revision += 1) {
    const workflowId = grantedRevisionWorkflowId(verificationId, revision);
    const grant = await source.grant(workflowId);
    // While nobody could find the home run, number 1 was left out: it might have emitted it.
    if (grant === undefined && revision === 1) continue;
    if (grant === undefined) return known;
    const { event, by } = grant;
    if (event === undefined) throw unavailable(`the outcome granted by ${workflowId} is not readable`, undefined);
    known.push({ event, ...defined({ replay: by?.replay }) });
  }
}
