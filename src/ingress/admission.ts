import { assignmentOf } from '../contracts/assignment.ts';
import type { VerificationInput } from '../contracts/workflow.ts';
import { decide } from '../domain/decide.ts';
import { initialState } from '../domain/state.ts';
import type { Admission } from './ports.ts';

/** Runs the callback after the delay, unless cancelled by what it returns. */
export type SetAlarm = (delayMs: number, callback: () => void) => () => void;

type InProcessAdmissionOptions = {
  /** Verifications that may hold a permit at once. */
  readonly maxInProgress: number;
  /** A permit that nobody gives back within this time lapses: another worker may have taken the verification over. */
  readonly leaseMs: number;
  readonly now: () => number;
  readonly setAlarm: SetAlarm;
};

type Waiter = { readonly id: string; readonly grant: () => void };

/**
 * Admission for a process that runs ingress and worker together: it counts what it started and has not seen settle
 * (design §7). First come, first served; a verification that already holds a permit gets it again.
 */
export function createInProcessAdmission(options: InProcessAdmissionOptions): Admission & { inProgress(): number } {
  const { maxInProgress, leaseMs, now, setAlarm } = options;
  const lapsesAtMs = new Map<string, number>();
  const waiting: Waiter[] = [];
  let cancelAlarm: (() => void) | undefined;

  function hand(): void {
    dropLapsed();
    while (lapsesAtMs.size < maxInProgress) {
      const next = waiting.shift();
      if (next === undefined) break;
      lapsesAtMs.delete(next.id);
      lapsesAtMs.set(next.id, now() + leaseMs);
      next.grant();
    }
    cancelAlarm?.();
    const [earliestMs] = lapsesAtMs.values();
    // Leases are equally long and kept in order of their grant: the first one lapses first.
    cancelAlarm = waiting.length === 0 || earliestMs === undefined ? undefined : setAlarm(Math.max(1, earliestMs - now()), hand);
  }

  function dropLapsed(): void {
    for (const [id, atMs] of lapsesAtMs) {
      if (atMs > now()) return;
      lapsesAtMs.delete(id);
    }
  }

  return {
    async acquire(verificationId, signal) {
      signal.throwIfAborted();
      if (lapsesAtMs.has(verificationId)) return;
      await new Promise<void>((resolve, reject) => {
        const waiter: Waiter = {
          id: verificationId,
          grant: () => {
            signal.removeEventListener('abort', give);
            resolve();
          },
        };
        function give(): void {
          waiting.splice(waiting.indexOf(waiter), 1);
          // An alarm that nobody waits for would keep a stopping process alive.
          if (waiting.length === 0) cancelAlarm?.();
          reject(signal.reason);
        }
        signal.addEventListener('abort', give, { once: true });
        waiting.push(waiter);
        hand();
      });
    },
    release(verificationId) {
      if (lapsesAtMs.delete(verificationId)) hand();
    },
    inProgress: () => lapsesAtMs.size,
  };
}

/** True if the verification reads as soon as it is started; the others begin by waiting and occupy no worker. */
export function startsWithRead(input: VerificationInput, nowMs: number): boolean {
  return decide(initialState(assignmentOf(input)), nowMs).kind === 'READ';
}
