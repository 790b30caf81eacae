import { whenAborted } from '../async/abort.ts';
import type { Clock } from '../async/sleep.ts';
import { firstDecision } from '../contracts/assignment.ts';
import type { VerificationInput } from '../contracts/workflow.ts';
import type { Admission } from './ports.ts';

type InProcessAdmissionOptions = {
  /** Verifications that may be in progress at once. */
  readonly maxInProgress: number;
  /** A place that nobody gives back within this time, in ms, becomes free: another worker may have taken the verification over. */
  readonly leaseMs: number;
  readonly clock: Clock;
};

type Waiter = { readonly id: string; readonly grant: () => void };

/**
 * Admission for a process that runs ingress and worker together: it counts what it started and has not seen end. First come,
 * first served; a verification that already has a place gets it again.
 */
export function createInProcessAdmission(options: InProcessAdmissionOptions): Admission & { inProgress(): number } {
  const { maxInProgress, leaseMs, clock } = options;
  /** Leases are equally long and kept in order of their beginning: the first one lapses first. */
  const lapsesAtMs = new Map<string, number>();
  const waiting: Waiter[] = [];
  let alarm: AbortController | undefined;

  function dropLapsed(): void {
    for (const [id, atMs] of lapsesAtMs) {
      if (atMs > clock.now()) break;
      lapsesAtMs.delete(id);
    }
  }

  function handOut(): void {
    dropLapsed();
    while (lapsesAtMs.size < maxInProgress) {
      const next = waiting.shift();
      if (next === undefined) break;
      lapsesAtMs.delete(next.id);
      lapsesAtMs.set(next.id, clock.now() + leaseMs);
      next.grant();
    }
    setAlarm();
  }

  /** Wakes at the end of the first lease while somebody waits. Without anybody, an alarm would keep a stopping process alive. */
  function setAlarm(): void {
    const [firstMs] = lapsesAtMs.values();
    if (waiting.length === 0 || firstMs === undefined) {
      alarm?.abort();
      alarm = undefined;
      return;
    }
    // One that is set rings early enough: the first lease only ever ends later than the one it was set for.
    if (alarm) return;
    const mine = new AbortController();
    alarm = mine;
    void clock.sleep(Math.max(1, firstMs - clock.now()), mine.signal).then(() => {
      if (mine.signal.aborted) return;
      alarm = undefined;
      handOut();
    });
  }

  return {
    async acquire(verificationId, signal) {
      signal.throwIfAborted();
      dropLapsed();
      if (lapsesAtMs.has(verificationId)) return;
      await new Promise<void>((resolve, reject) => {
        const stopListening = whenAborted(signal, () => {
          waiting.splice(waiting.indexOf(waiter), 1);
          setAlarm();
          reject(signal.reason);
        });
        const waiter: Waiter = {
          id: verificationId,
          grant: () => {
            stopListening();
            resolve();
          },
        };
        waiting.push(waiter);
        handOut();
      });
    },
    release(verificationId) {
      if (lapsesAtMs.delete(verificationId)) handOut();
    },
    inProgress() {
      dropLapsed();
      return lapsesAtMs.size;
    },
  };
}

/** True if the verification reads as soon as it is started; the others begin by waiting and occupy no worker. */
export function startsWithRead(input: VerificationInput, nowMs: number): boolean {
  const first = firstDecision(input, nowMs);
  // One that waits in the queue of all reads occupies nobody.
  return first.kind === 'READ' && first.parked !== true;
}
