import { readEmulatorLog } from '../../../src/emulator/log-reader.ts';
import { hasSeveralBodies, type SeenOutcome } from '../../support/pipeline.ts';
import { isVerdict, MAX_READS, takesBack } from '../referee.ts';
import { answeredInFull, hasRecordedVerdict, type Histories } from './paid.ts';
import type { StormRig } from './rig.ts';
import type { Ending } from './settle.ts';
import type { StormToken } from './tokens.ts';

/** What the vendor's log, the outcome topic and the state of the runs say; nothing of it comes from the code under test. */
export type Findings = {
  readonly reads: number;
  /** Verifications read at least once; the others waited until their window was over. */
  readonly tokensRead: number;
  readonly mostReadsOfOneToken: number;
  /** Verifications read a fourth time; the vendor's log counts, unknown tokens included. */
  readonly fourthReads: readonly string[];
  readonly readAfterWindow: readonly string[];
  /** Read later than a second after a hold of the gate was answered, and before anybody asked to resume. */
  readonly readWhileHeld: readonly string[];
  /** How often an operator held the gate. */
  readonly holds: number;
  /** Neither an outcome nor terminated by the storm. */
  readonly withoutOutcome: readonly string[];
  readonly severalBodies: readonly string[];
  /** A conclusion that the scenario cannot lead to. */
  readonly wrongConclusion: readonly string[];
  /** Told in the end as the vendor gave them, of all whose scenario demands a verdict. */
  readonly verdictsTold: number;
  /** Given by the vendor, but kept by no history: the process that read them was killed, or they came too late for it. */
  readonly verdictsUnheard: number;
  /** A verdict once told and then taken back, or in a history and never told. */
  readonly verdictLost: readonly string[];
  readonly terminated: number;
  readonly emissions: number;
  readonly revisions: number;
};

type Told = { readonly ceId: string; readonly outcome: string; readonly revision: number; readonly why: string };

/** Judges a settled storm. */
export async function findings(
  rig: Pick<StormRig, 'logPath' | 'windowMs' | 'submitted' | 'held'> & { readonly client: Histories },
  seen: { readonly outcomes: ReadonlyMap<string, readonly SeenOutcome[]>; readonly endings: ReadonlyMap<string, Ending> },
): Promise<Findings> {
  const log = await readEmulatorLog(rig.logPath);
  const all = [...seen.outcomes.values()].flat();
  const each = rig.submitted.map((token) => {
    const records = seen.outcomes.get(token.id) ?? [];
    return { token, records, told: records.map(toldBy), ending: seen.endings.get(token.id) ?? 'NEVER_STARTED' };
  });
  const answered = await answeredInFull(rig.logPath);
  const isTold = ({ token, told }: (typeof each)[number]): boolean => told.some(({ outcome }) => isRight(token, outcome));
  const untold = each.filter(
    (one) => answered.has(one.token.id) && one.ending !== 'TERMINATED' && isVerdict(one.token.demanded) && !isTold(one),
  );
  const paid = new Set<string>();
  for (const { token } of untold) if (await hasRecordedVerdict(rig.client, token)) paid.add(token.id);
  const of = (found: (one: (typeof each)[number]) => boolean): string[] =>
    each.filter(found).map(({ token, told, ending }) => `${token.scenario} ${token.id} ${ending} [${told.map(text).join(' ')}]`);
  return {
    reads: log.reads,
    tokensRead: [...log.tokens.values()].filter(({ reads }) => reads > 0).length,
    mostReadsOfOneToken: log.maxReads,
    fourthReads: [...log.tokens.values()].filter(({ reads }) => reads > MAX_READS).map(({ verificationId }) => verificationId),
    readAfterWindow: of(({ token }) => (log.tokens.get(token.id)?.readAtMs ?? []).some((atMs) => atMs > token.issuedAtMs + rig.windowMs)),
    holds: rig.held.length,
    readWhileHeld: of(({ token }) =>
      (log.tokens.get(token.id)?.readAtMs ?? []).some((atMs) =>
        rig.held.some(({ fromMs, untilMs }) => atMs > fromMs && atMs < (untilMs ?? Infinity)),
      ),
    ),
    withoutOutcome: of(({ records, ending }) => ending !== 'TERMINATED' && (records.length === 0 || ending !== 'COMPLETED')),
    severalBodies: of(({ records }) => hasSeveralBodies(records)),
    wrongConclusion: of(({ token, told }) => told.some(({ outcome }) => !isRight(token, outcome) && isVerdict(outcome))),
    verdictsTold: each.filter((one) => isVerdict(one.token.demanded) && isTold(one)).length,
    verdictsUnheard: untold.length - paid.size,
    verdictLost: of(({ token, told }) => takesBack(told) || paid.has(token.id)),
    terminated: each.filter(({ ending }) => ending === 'TERMINATED').length,
    emissions: all.length,
    revisions: distinct(all.map(({ ceId }) => ceId)),
  };
}

/** True for the order in which the storm's tests want every storm to end. */
export function isClean(found: Findings): boolean {
  const { fourthReads, readAfterWindow, readWhileHeld, withoutOutcome, severalBodies, wrongConclusion, verdictLost } = found;
  return [fourthReads, readAfterWindow, readWhileHeld, withoutOutcome, severalBodies, wrongConclusion, verdictLost].every(
    ({ length }) => length === 0,
  );
}

function isRight({ demanded, orElse }: StormToken, outcome: string): boolean {
  return outcome === demanded || outcome === orElse;
}

function toldBy({ ceId, value }: SeenOutcome): Told {
  const { outcome, revision, reasons }: { outcome: string; revision: number; reasons: { code: string }[] } = JSON.parse(value);
  return { ceId, outcome, revision, why: reasons[0]?.code ?? '' };
}

function text({ outcome, revision, why }: Told): string {
  return `r${revision}:${outcome}${why === '' ? '' : `/${why}`}`;
}

function distinct(values: readonly string[]): number {
  return new Set(values).size;
}

/** Reads of the most read token so far, while the storm still rages. */
export async function mostReads(logPath: string): Promise<number> {
  return (await readEmulatorLog(logPath)).maxReads;
}
