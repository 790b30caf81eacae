import { LATE, withTimeout } from '../src/async/timeout.ts';
import { errorName } from '../src/contracts/errors.ts';
import type { KeptEvidence } from '../src/domain/evidence.ts';
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
export const REPORT_MARGIN_MS = 3_000;
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

/** Keeps what reads bring: nothing here can change or fail a read, or make it wait beyond its time. */
export function createEvidenceKeeping(
  { keeper, keepAnswer, keepForMs }: EvidencePorts,
  { events, now }: { readonly events: ActivityEvents; readonly now: () => number },
): EvidenceKeeping {
  let storeIsAway = false;

  async function kept(order: Order): Promise<KeptEvidence> {
    const { verificationId, found, untilMs } = order;
    try {
      const done = await withTimeout(keeper.keep(order), Math.max(0, untilMs - now()) + GRACE_MS);
      if (done !== LATE) return done;
      events.evidenceBroke({ verificationId, errorName: 'Late' });
    } catch (error) {
      // The port promises never to reject.
      events.evidenceBroke({ verificationId, errorName: errorName(error) });
    }
    return { references: [], failures: found.map(({ kind }) => ({ kind, why: 'STORE_UNREACHABLE' })) };
  }

  return {
    keepAnswer,
    async keep({ verificationId, found, beganAtMs, limitMs }) {
      const patienceMs = storeIsAway ? Math.min(KEEP_BRIEFLY_FOR_MS, keepForMs) : keepForMs;
      const untilMs = Math.min(now() + patienceMs, beganAtMs + limitMs - REPORT_MARGIN_MS);
      const evidence = await kept({ verificationId, found, untilMs });
      storeIsAway = evidence.failures?.some(({ why }) => why === 'STORE_UNREACHABLE') ?? false;
      return evidence;
    },
  };
}

type Order = Parameters<EvidenceKeeper['keep']>[0];
