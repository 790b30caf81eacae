import { mapInOrder } from '../../async/in-order.ts';
import { ConfigurationError, DependencyUnavailableError, EvidenceUnreadableError, ForeseenError } from '../../contracts/errors.ts';
import type { Mandate } from '../../contracts/mandate.ts';
import { defined } from '../../domain/defined.ts';
import { type AuditPorts, refusalOf } from '../audit.ts';
import type { JournalFile, ReplayClock } from '../replay/ports.ts';
import { auditErasure } from './audit.ts';
import {
  appendEraseStep,
  type EraseAction,
  type EraseFinish,
  type EraseLine,
  type EraseOrder,
  type EraseResult,
  type EraseWork,
  openErasures,
} from './erase-journal.ts';
import type { Erasure, EvidenceVault } from './ports.ts';

const AT_ONCE = 8;
const ACTION_OF: Readonly<Record<Erasure['result'], EraseAction>> = {
  ERASED: 'ERASE',
  ALREADY: 'ALREADY',
  HELD: 'HELD',
  NOTHING: 'NOTHING',
};

type Pacing = { readonly clock: ReplayClock; readonly signal: AbortSignal };

/** What the erasure of each would do, in their order, as a stream. Touches nothing. */
export async function* planErasures(
  { vault, clock, signal }: Pacing & { readonly vault: Pick<EvidenceVault, 'erase'> },
  { ids, mandate }: { readonly ids: AsyncIterable<string>; readonly mandate: Mandate },
): AsyncGenerator<EraseLine> {
  const one = async (verificationId: string): Promise<EraseLine> => {
    try {
      const { result, objectsDeleted } = await vault.erase(verificationId, { mandate, dryRun: true });
      return { verificationId, action: ACTION_OF[result], objects: objectsDeleted };
    } catch (error) {
      if (!(error instanceof EvidenceUnreadableError)) throw error;
      return { verificationId, action: 'UNREADABLE', objects: 0 };
    }
  };
  yield* mapInOrder(ids, one, { atOnce: AT_ONCE, perSecond: Number.POSITIVE_INFINITY, clock, signal });
}

export type ErasePorts = {
  readonly vault: Pick<EvidenceVault, 'erase' | 'state'>;
  readonly audit: AuditPorts;
  readonly file: JournalFile;
  readonly clock: ReplayClock;
};

export type ErasedLine = { readonly line: EraseLine } & (
  | (EraseFinish & { readonly erasure: Erasure; readonly why?: string })
  /** By itself: the others go on, and the next attempt tries it again. */
  | { readonly failed: string }
);

/**
 * Erases the open lines of the journal, at most `perSecond`, and yields what became of each, in order. A line is finished in the
 * journal once the key is gone, the objects are, and the audit topic has it. Killed anywhere it is repeated to the same end:
 * the marker of an erasure says whose it was, so that it is told again by the one who ordered it.
 * What concerns every line, such as an outage, ends it after what was begun.
 */
export async function* eraseOpen(
  ports: ErasePorts,
  { work, perSecond, signal }: { readonly work: EraseWork; readonly perSecond: number; readonly signal: AbortSignal },
): AsyncGenerator<ErasedLine> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const one = async (line: EraseLine): Promise<ErasedLine | undefined> => {
    try {
      return { line, ...(await eraseLine(ports, { line, work })) };
    } catch (error) {
      if (isOwnFault(error)) return { line, failed: error.message };
      failed.abort(error);
      return undefined;
    }
  };
  yield* mapInOrder(openErasures(ports.file, work), one, { atOnce: AT_ONCE, perSecond, clock: ports.clock, signal: stop });
  failed.signal.throwIfAborted();
}

function isOwnFault(error: unknown): error is ForeseenError {
  return error instanceof ForeseenError && !(error instanceof DependencyUnavailableError) && !(error instanceof ConfigurationError);
}

async function eraseLine(ports: ErasePorts, { line, work }: { readonly line: EraseLine; readonly work: EraseOrder }) {
  const { verificationId } = line;
  const erasure = await ports.vault.erase(verificationId, { mandate: work.mandate });
  const settled = erasure.result === 'HELD' ? { result: erasure.result } : await tell(ports, { erasure, work });
  const { result, why } = { why: undefined, ...settled };
  const step = { verificationId, result };
  await appendEraseStep(ports.file, why === undefined ? { kind: 'DONE', ...step } : { kind: 'UNAUDITED', ...step, why });
  return { result, audited: why === undefined, erasure, ...defined({ why }) };
}

type Told = { readonly result: EraseResult; readonly why?: string };

/** Tells the audit topic of an erasure of ours, and takes the outcome back if the order says so. */
async function tell(
  { vault, audit }: ErasePorts,
  { erasure, work }: { readonly erasure: Erasure; readonly work: EraseOrder },
): Promise<Told> {
  const { verificationId } = erasure;
  const state = await vault.state(verificationId);
  const isOurs = state.kind === 'ERASED' && isSame(state.by, work.mandate);
  const refused = [
    isOurs ? await refusalOf(auditErasure(audit, { verificationId, erased: state })) : undefined,
    work.tombstones === undefined ? undefined : await refusalOf(bury(audit, { topic: work.tombstones, verificationId })),
  ].filter((one) => one !== undefined);
  // An attempt that was killed before it could write it down has erased it.
  const isOfThisOrder = isOurs && erasure.result === 'ALREADY' && Date.parse(state.erasedAt) >= Date.parse(work.at);
  return { result: isOfThisOrder ? 'ERASED' : erasure.result, ...(refused.length === 0 ? {} : { why: refused.join('; ') }) };
}

/** A record without a value, under the key of the outcome: a compacted topic forgets the others of that key. */
async function bury(
  { publisher }: AuditPorts,
  { topic, verificationId }: { readonly topic: string; readonly verificationId: string },
): Promise<void> {
  await publisher.publish({ topic, key: verificationId, value: null, headers: {} });
}

function isSame(one: Mandate, other: Mandate): boolean {
  return one.operator === other.operator && one.reason === other.reason && one.ticket === other.ticket;
}
