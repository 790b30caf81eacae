import { DependencyUnavailableError, EvidenceUnreadableError, ForeseenError } from '../../contracts/errors.ts';
import { SWEEPER } from '../../contracts/mandate.ts';
import { type AuditPorts, refusalOf } from '../audit.ts';
import { auditErasure } from './audit.ts';
import type { EvidenceState, EvidenceVault, SweepEvents } from './ports.ts';

export type SweepPorts = {
  readonly vault: Pick<EvidenceVault, 'records' | 'orphans' | 'erase' | 'state'>;
  readonly audit: AuditPorts;
  /** Epoch ms. */
  readonly now: () => number;
  readonly events: SweepEvents;
};

/** `oldestExpiresAtMs`: when the oldest expires, or expired, that is still kept and not on hold. */
export type Swept = {
  readonly erased: number;
  readonly orphansDeleted: number;
  readonly kept: number;
  readonly held: number;
  /** Whose key record is none; left alone. */
  readonly unreadable: number;
  readonly oldestExpiresAtMs?: number;
  /** What one that could not be erased fails with; there may be others. */
  readonly failure?: ForeseenError;
};

export type Sweeper = {
  /**
   * Erases everything that has expired and is not held, then what erasures have left of objects. Ends early, without an error, when
   * `signal` fires. Rejects when a store is away.
   */
  sweep(signal: AbortSignal): Promise<Swept>;
};

type Pass = {
  readonly swept: { -readonly [Fact in keyof Swept]: Swept[Fact] };
  readonly told: Set<string>;
  readonly signal: AbortSignal;
};

/**
 * Several may sweep at once: an erasure has one marker, whoever made it, and its audit record follows from that marker. So an
 * erasure whose author was killed before telling of it is told by whoever sweeps next.
 */
export function createSweeper(ports: SweepPorts): Sweeper {
  /** Erasures that this process has told of and that still stand among the keys: one is told by each process once. */
  let toldBefore: ReadonlySet<string> = new Set();
  return {
    async sweep(signal) {
      const swept = { erased: 0, orphansDeleted: 0, kept: 0, held: 0, unreadable: 0 };
      const pass: Pass = { swept, told: new Set(), signal };
      for await (const { verificationId, state } of ports.vault.records()) {
        if (signal.aborted) return pass.swept;
        const erasure = nameOf(verificationId, state);
        if (toldBefore.has(erasure)) pass.told.add(erasure);
        await attempt(pass, () => sweepRecord(ports, { verificationId, state, pass }));
      }
      toldBefore = pass.told;
      for await (const { verificationId } of ports.vault.orphans()) {
        if (signal.aborted) return pass.swept;
        await attempt(pass, () => deleteLeftovers(ports, { verificationId, pass }));
      }
      return pass.swept;
    },
  };
}

/** One that fails by itself does not stand in the way of the others; an outage ends the sweep. */
async function attempt(pass: Pass, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ForeseenError) || error instanceof DependencyUnavailableError) throw error;
    // What another attempt may mend is told before what stays as it is until somebody looks.
    if (pass.swept.failure === undefined || pass.swept.failure instanceof EvidenceUnreadableError) pass.swept.failure = error;
  }
}

type One = { readonly verificationId: string; readonly pass: Pass };

async function sweepRecord(ports: SweepPorts, { state, ...one }: One & { readonly state: EvidenceState }): Promise<void> {
  if (state.kind === 'NOTHING') return;
  if (state.kind === 'UNREADABLE') {
    one.pass.swept.unreadable += 1;
    throw new EvidenceUnreadableError(state.why);
  }
  if (state.kind === 'KEPT') return await sweepKept(ports, { ...one, state });
  // The last word on an erasure must not go before the audit topic has it.
  if (await tell(ports, { ...one, state })) await deleteLeftovers(ports, one);
}

type Kept = Extract<EvidenceState, { kind: 'KEPT' }>;

async function sweepKept(
  { vault, now, audit, events }: SweepPorts,
  { verificationId, state, pass }: One & { readonly state: Kept },
): Promise<void> {
  const { expiresAt, hold } = state;
  if (hold !== undefined) {
    pass.swept.held += 1;
    return;
  }
  const expiresAtMs = Date.parse(expiresAt);
  if (expiresAtMs > now()) return keep(pass, expiresAtMs);
  const { result, objectsDeleted } = await eraseOrKeep({ vault, verificationId, pass, expiresAtMs });
  if (result === 'HELD') {
    pass.swept.held += 1;
    return;
  }
  if (result === 'ERASED') {
    pass.swept.erased += 1;
    events.erased({ verificationId, expiresAt, objectsDeleted });
  }
  // Forgetting waits for nobody: what Kafka does not take now is told by the next sweep.
  const after = await vault.state(verificationId);
  if (after.kind === 'ERASED') await tell({ audit, events }, { verificationId, pass, state: after });
}

async function eraseOrKeep({
  vault,
  verificationId,
  pass,
  expiresAtMs,
}: One & Pick<SweepPorts, 'vault'> & { readonly expiresAtMs: number }) {
  try {
    return await vault.erase(verificationId, { mandate: SWEEPER });
  } catch (error) {
    keep(pass, expiresAtMs);
    throw error;
  }
}

function keep(pass: Pass, expiresAtMs: number): void {
  pass.swept.kept += 1;
  pass.swept.oldestExpiresAtMs = Math.min(pass.swept.oldestExpiresAtMs ?? expiresAtMs, expiresAtMs);
}

/** Somebody may have ordered one anew where the time had passed already. */
function nameOf(verificationId: string, state: EvidenceState): string {
  return state.kind === 'ERASED' ? `${verificationId} ${state.erasedAt}` : verificationId;
}

type Erased = Extract<EvidenceState, { kind: 'ERASED' }>;

/** @returns whether the audit topic has it, or will never take it. */
async function tell(
  { audit, events }: Pick<SweepPorts, 'audit' | 'events'>,
  { verificationId, state, pass }: One & { readonly state: Erased },
): Promise<boolean> {
  const erasure = nameOf(verificationId, state);
  if (pass.told.has(erasure)) return true;
  try {
    const refused = await refusalOf(auditErasure(audit, { verificationId, erased: state }));
    if (refused !== undefined) events.untold({ verificationId, why: refused, refused: true });
    pass.told.add(erasure);
    return true;
  } catch (error) {
    if (!(error instanceof DependencyUnavailableError)) throw error;
    events.untold({ verificationId, why: error.message, refused: false });
    return false;
  }
}

/** The key is gone: this deletes what is left of the objects, and lets the vault put away the word of an old erasure. */
async function deleteLeftovers({ vault, events }: SweepPorts, { verificationId, pass }: One): Promise<void> {
  const { objectsDeleted } = await vault.erase(verificationId, { mandate: SWEEPER });
  if (objectsDeleted === 0) return;
  pass.swept.orphansDeleted += objectsDeleted;
  events.orphansDeleted({ verificationId, objectsDeleted });
}
