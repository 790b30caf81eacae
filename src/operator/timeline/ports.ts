import type { EmissionReceipt } from '../../contracts/workflow.ts';
import type { GrantedTo } from '../../domain/ledger/asking-run.ts';
import type { Fate } from '../../domain/reading/slots.ts';
import type { ReadTrigger } from '../../domain/state.ts';
import type { OutcomeKind } from '../../domain/verdict.ts';

/**
 * What happened to a verification, in all of its runs, as histories tell. Plain JSON; `show --json` prints it. Nothing in
 * it is secret: no token, no business number, no attribute of the request. Instants are RFC 3339.
 */
export type TimelineEvent = { readonly at: string; /** Absent: it belongs to no run. */ readonly runId?: string } & Happening;

type Place = { readonly topic: string; readonly partition: number; readonly offset: string };

/** What became of a read so far. PARKED: no worker has taken it; it waits for one, or for the gate. */
export const READ_STATES = ['PARKED', 'IN_FLIGHT', 'ENDED', 'RECOVERED'] as const;
export type ReadState = (typeof READ_STATES)[number];

export type Happening =
  | ({ readonly kind: 'ADMITTED'; readonly issuedAt?: string; readonly deadlineAt?: string; readonly policy?: string } & Place)
  | { readonly kind: 'REPLAYED'; readonly operator: string; readonly reason: string; readonly ticket?: string }
  /** A person decided by hand. `upon`: the revision that was looked at. */
  | {
      readonly kind: 'RULED';
      readonly verdict: string;
      readonly reviewer: string;
      readonly reason: string;
      readonly ticket?: string;
      readonly upon?: number;
    }
  | { readonly kind: 'STARTED_BY_HAND'; readonly by?: string }
  | { readonly kind: 'RESET'; readonly by?: string; readonly reason?: string }
  /** `untilAt`: when it ends at the latest. `cutShort`: something came before. */
  | {
      readonly kind: 'WAITED';
      readonly why: string;
      readonly follows?: 'next read' | 'sent again';
      readonly untilAt: string;
      readonly endedAt?: string;
      readonly cutShort?: true;
    }
  | {
      readonly kind: 'READ';
      readonly state: ReadState;
      /** 1-based, of the dispatches of its run. */
      readonly number: number;
      /** Which read of those that count it was meant to be, and how many there may be. */
      readonly slot?: number;
      readonly maxReads?: number;
      readonly trigger?: ReadTrigger;
      readonly worker?: string;
      readonly startedAt?: string;
      readonly endedAt?: string;
      /** Absent unless it has ended. */
      readonly fate?: Fate;
      readonly code?: string;
      readonly result?: string;
      readonly vendorRequestIds?: readonly string[];
      /** Number of its grant. */
      readonly granted?: number;
    }
  /** The work was not done, because the ledger knows these reads, of whatever run. */
  | { readonly kind: 'LEDGER_TOLD'; readonly reads: number }
  | { readonly kind: 'HINTED'; readonly hint: string; readonly trusted: boolean; readonly by?: string }
  | { readonly kind: 'CANCEL_REQUESTED'; readonly by?: string }
  | {
      readonly kind: 'DECIDED';
      readonly outcome: OutcomeKind;
      readonly reasons: readonly string[];
      /** With the numbers that decided. */
      readonly why: string;
      readonly advice: string;
    }
  /** `again`: an outcome that an earlier run had published. */
  | ({
      readonly kind: 'EMITTED';
      readonly ceId: string;
      readonly outcome: OutcomeKind;
      readonly atOnce?: true;
      readonly again?: true;
    } & EmissionReceipt)
  | { readonly kind: 'EMISSION_STOPPED' }
  | { readonly kind: 'EMISSION_PENDING'; readonly attempt: number; readonly failure?: string }
  /** A grant whose run does not tell of it. */
  | { readonly kind: 'READ_GRANTED'; readonly read: number; readonly to?: GrantedTo }
  /** An outcome that no run tells of: granted, or decided by a person. */
  | {
      readonly kind: 'REVISION_GRANTED';
      readonly revision: number;
      readonly outcome?: OutcomeKind;
      readonly reasons?: readonly string[];
      readonly actor?: { readonly type: string; readonly id?: string; readonly justification?: string };
      readonly to?: GrantedTo;
    }
  /** The run ended without an outcome. */
  | {
      readonly kind: 'RUN_ENDED';
      readonly how: 'FAILED' | 'TERMINATED' | 'TIMED_OUT' | 'CANCELLED' | 'OTHER';
      readonly by?: string;
      readonly why?: string;
    };

export type EventKind = Happening['kind'];
/** Events of one kind. */
export type EventOf<K extends EventKind> = Extract<TimelineEvent, { readonly kind: K }>;

export const RUN_KINDS = ['HOME', 'RESET', 'REPLAY', 'DECISION', 'BY_HAND'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

export type RunSeen = { readonly runId: string; readonly kind: RunKind; readonly startedAt: string; readonly closedAt?: string };

/** All that is known of a verification's past. `gaps`: what could not be read, for people. */
export type Timeline = {
  readonly runs: readonly RunSeen[];
  readonly events: readonly TimelineEvent[];
  /** Since when a workflow task has waited for a worker to take it. */
  readonly untakenSince?: string;
  readonly gaps: readonly string[];
};
