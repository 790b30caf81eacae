import { ApplicationFailure, CancellationScope, defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import {
  ACCOUNT_SIGNAL,
  CANARY_SIGNAL,
  CLAIM_UPDATE,
  GATE_QUERY,
  GATE_REFUSED,
  type GateView,
  HOLD_UPDATE,
  RESUME_UPDATE,
  STOP_UPDATE,
} from '../src/contracts/gate.ts';
import { mandateIn } from '../src/contracts/mandate.ts';
import { MANDATE_EXAMPLE } from '../src/contracts/text/gate.ts';
import { accountLimitIn, canaryClaimIn, canaryEndIn, stopOrderIn } from '../src/contracts/gate-messages.ts';
import type { GateCause, GateEvent } from '../src/domain/gate/gate.ts';

export type GateHandlers = {
  record(event: GateEvent): void;
  /** @throws ApplicationFailure that says why the event would change nothing. */
  assertChanges(event: GateEvent): void;
  /** Resolves once the server's queue follows, or not soon enough. */
  applied(): Promise<GateView>;
  view(): GateView;
};

const MANDATE = `${MANDATE_EXAMPLE}, without a ticket if there is none`;

/** Whatever anybody sends is checked before it is accepted; what would change nothing is refused, and leaves no trace. */
export function installGateHandlers(gate: GateHandlers): void {
  update(gate, {
    name: HOLD_UPDATE,
    eventOf: (payload, at) => ({ kind: 'HOLD', at, ...mandated(payload) }),
    description: `Stop all reads: ${MANDATE}.`,
  });
  update(gate, {
    name: RESUME_UPDATE,
    eventOf: (payload, at) => ({ kind: 'RESUME', at, ...mandated(payload) }),
    description: `Let reads begin again, one first, then more and more: ${MANDATE}.`,
  });
  update(gate, {
    name: STOP_UPDATE,
    eventOf: (payload, at) => ({ kind: 'HOLD', at, isAutomatic: true, ...checked(stopOrderIn(payload)) }),
    description: 'For workers: the vendor answered what it says to stop for.',
  });
  update(gate, {
    name: CLAIM_UPDATE,
    eventOf: (payload, at) => ({ kind: 'CANARY_CLAIMED', at, ...checked(canaryClaimIn(payload)) }),
    description: 'For workers: this read tries the vendor.',
    waits: false,
  });
  setHandler(
    defineSignal<[unknown]>(CANARY_SIGNAL),
    (payload) => {
      const end = canaryEndIn(payload);
      if (end !== undefined) gate.record({ kind: 'CANARY_ENDED', at: now(), ...end });
    },
    { description: 'For workers: what the canary brought.' },
  );
  setHandler(
    defineSignal<[unknown]>(ACCOUNT_SIGNAL),
    (payload) => {
      const limit = accountLimitIn(payload);
      if (limit !== undefined) gate.record({ kind: 'ACCOUNT', ...limit });
    },
    { description: 'For workers: reads a second that the account allows (VF_FACEID_MAX_CALLS_PER_SECOND).' },
  );
  setHandler(defineQuery<GateView>(GATE_QUERY), () => gate.view(), { description: 'Whether reads begin, since when, by whom and why.' });
}

type Update = {
  readonly name: string;
  /** @throws ApplicationFailure if that is no such order. */
  readonly eventOf: (payload: unknown, at: string) => GateEvent;
  readonly description: string;
  /** Whether it is answered only once the server's queue follows. */
  readonly waits?: boolean;
};

function update(gate: GateHandlers, { name, eventOf, description, waits = true }: Update): void {
  setHandler(
    defineUpdate<GateView, [unknown]>(name),
    // A cancellation changes nothing, also for those who wait for their answer.
    async (payload) =>
      await CancellationScope.nonCancellable(async () => {
        const event = eventOf(payload, now());
        // Another one may have been first since it was let in.
        gate.assertChanges(event);
        gate.record(event);
        return waits ? await gate.applied() : gate.view();
      }),
    { validator: (payload) => gate.assertChanges(eventOf(payload, now())), description },
  );
}

function mandated(payload: unknown): GateCause {
  const mandate = mandateIn(payload);
  if (!('operator' in mandate)) throw refused(mandate.join('; '));
  const { operator: by, ...why } = mandate;
  return { by, ...why };
}

function checked<T>(value: T | undefined): T {
  if (value === undefined) throw refused('that is no order of a worker');
  return value;
}

function refused(why: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(why, GATE_REFUSED);
}

function now(): string {
  return new Date(Date.now()).toISOString();
}
