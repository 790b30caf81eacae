import { LATE, withTimeout } from '../src/async/timeout.ts';
import type { EvidenceFailure, KeptEvidence } from '../src/domain/evidence.ts';
import type { ActivityEvents, EvidenceKeeper, FoundEvidence } from './ports.ts';

export type EvidencePorts = {
  readonly keeper: EvidenceKeeper;
  /** Whether the vendor's answer itself is kept. */
  readonly keepAnswer: boolean;
  /**
   * How long what a read brought is put again and again. A worker that is killed meanwhile leaves an uncertain read, because its answer
   * is in no history yet: so no longer than an outage that mends itself.
   */
  readonly keepForMs: number;
};

/** Once the store was away for all of that, as long as it is not back: reads need the places of those that wait for it. */
const KEEP_BRIEFLY_FOR_MS = 2_000;
/** For the answer to reach Temporal before the worker counts as lost. */
const REPORT_MARGIN_MS = 3_000;
/** A keeper that does not keep to its time is not waited for. */
const GRACE_MS = 500;

export type EvidenceKeeping = {
  readonly keepAnswer: boolean;
  /** `beganAtMs`, `limitMs`: when the activity began, and after how long its worker counts as lost. Never rejects. */
  keep(order: {
    readonly verificationId: string;
    readonly found: readonly FoundEvidence[];
    readonly beganAtMs: number;
    readonly limitMs: number;
  }): Promise<KeptEvidence>;
};

/** Keeps what reads bring, and forgets the time that this takes: nothing here can change, delay beyond its time, or fail a read. */
export function createEvidenceKeeping(
  { keeper, keepAnswer, keepForMs }: EvidencePorts,
  { events, now }: { readonly events: ActivityEvents; readonly now: () => number },
): EvidenceKeeping {
  let storeIsAway = false;

  async function tryToKeep(order: Parameters<EvidenceKeeper['keep']>[0]): Promise<KeptEvidence & { readonly errorName?: string }> {
    try {
      const kept = await withTimeout(keeper.keep(order), Math.max(0, order.untilMs - now()) + GRACE_MS);
      return kept === LATE ? lost(order.found, 'STORE_UNREACHABLE') : kept;
    } catch (error) {
      // A defect of ours: the port promises never to reject. The verdict stands all the same.
      return { ...lost(order.found, 'STORE_REFUSED'), errorName: error instanceof Error ? error.name : typeof error };
    }
  }

  return {
    keepAnswer,
    async keep({ verificationId, found, beganAtMs, limitMs }) {
      const startedAtMs = now();
      const patienceMs = storeIsAway ? Math.min(KEEP_BRIEFLY_FOR_MS, keepForMs) : keepForMs;
      const untilMs = Math.min(startedAtMs + patienceMs, beganAtMs + limitMs - REPORT_MARGIN_MS);
      const { errorName, ...kept } = await tryToKeep({ verificationId, found, untilMs });
      const failures = kept.failures ?? [];
      storeIsAway = failures.some(({ why }) => why === 'STORE_UNREACHABLE');
      const bytes = kept.references.reduce((sum, reference) => sum + reference.bytes, 0);
      const told = { verificationId, kept: kept.references.length, bytes, failures, durationMs: now() - startedAtMs };
      events.evidenceKept(errorName === undefined ? told : { ...told, errorName });
      return kept;
    },
  };
}

function lost(found: readonly FoundEvidence[], why: EvidenceFailure): KeptEvidence {
  return { references: [], failures: found.map(({ kind }) => ({ kind, why })) };
}
