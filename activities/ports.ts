import type { GateChange } from '../src/contracts/gate.ts';
import type { EmissionReceipt, GrantedReadInput, GrantedRevisionInput, TraceContext } from '../src/contracts/workflow.ts';
import type { SinceThen } from '../src/domain/gate/gate.ts';
import type { EvidenceKind, KeptEvidence } from '../src/domain/evidence.ts';
import type { LedgerAnswer } from '../src/domain/ledger/ledger.ts';
import type { Revision } from '../src/domain/ledger/revisions.ts';
import type { OutcomeEvent } from '../src/domain/outcome.ts';
import type { LedgerDoubt, ReadReport, WithheldWhy } from '../src/domain/reading/report.ts';
import type { QuotaRule } from '../src/domain/reading/slots.ts';

/** Asks the vendor once. Never throws for anything foreseen; never repeats a request on its own. */
export type ResultApi = {
  getResult(query: ReadRequest): Promise<ReadReport>;
};

export type ReadRequest = {
  /** Secret. */
  readonly token: string;
  readonly returnImage: 0 | 1 | 2;
  /**
   * What is to be kept of an answer that can tell how the session ended; absent: nothing. `found` is called at most once, before the
   * report is there. A way of its own, because the report goes into history, and what goes there must never hold an image.
   */
  readonly evidence?: { readonly keepAnswer: boolean; readonly found: (evidence: readonly FoundEvidence[]) => void };
  readonly bizNo?: string;
  /** The request must not be sent after this instant (epoch ms): no read is made after the window. */
  readonly notAfterMs: number;
  /**
   * Whoever asks has given the read up after this instant (epoch ms). A request whose answer might come later must not be sent: it would
   * be paid for and thrown away. Default: never.
   */
  readonly answerByMs?: number;
  /** Asked right before the first byte: what forbids it, if anything does. Default: nothing. */
  readonly forbidden?: () => SinceThen | undefined;
};

/** What the gate says of one dispatch. */
export type GateAnswer =
  | { readonly kind: 'CLOSED'; readonly gate: SinceThen }
  | {
      readonly kind: 'OPEN';
      /** Since when the gate is closed by now; undefined: it is open still. */
      readonly closedMeanwhile: () => SinceThen | undefined;
      /** Called once, with what became of the read; without a report, none was made. Must not throw. */
      readonly ended: (report: ReadReport | undefined) => void;
    };

/**
 * The gate of the vendor account, as this process knows it. Answers from memory: only while a canary is looked for, the gate
 * itself is asked. Never rejects: who cannot tell is closed.
 */
export type ReadGate = {
  ask(dispatch: { readonly taskQueue: string; readonly verificationId: string }): GateAnswer | Promise<GateAnswer>;
};

/** Holds the queue of the reads back on the server, and counts what waits there. Rejects when the server did not do it. */
export type ReadQueue = {
  /** `perSecond`: undefined lifts the limit. @returns how many reads wait. */
  limit(order: { readonly taskQueue: string; readonly perSecond?: number; readonly reason: string }): Promise<number>;
};

/** Resolves once the brokers acknowledged the change of the gate; rejects when they did not. */
export type GateSink = { publish(change: GateChange): Promise<EmissionReceipt> };

/** Opens what the sealer sealed. Throws `TokenKeyUnknownError` when no configured key fits. */
export type TokenOpener = { open(sealedToken: string, verificationId: string): string };

/** Resolves once the brokers acknowledged the outcome; rejects when they did not. */
export type OutcomeSink = {
  publish(event: OutcomeEvent, trace?: TraceContext): Promise<EmissionReceipt>;
};

export type LedgerQuestion = {
  readonly verificationId: string;
  /** The rule that the reads are counted by: that of the run that asks. */
  readonly rule: QuotaRule;
  /** Where the home run may be; checked, never trusted. Absent: it is searched for. */
  readonly homeRunId?: string;
};

/** The account of all reads of a verification, read strongly consistently from histories (ADR 0010). */
export type VerificationLedger = {
  /** Never rejects: doubt is an answer. */
  consult(question: LedgerQuestion): Promise<LedgerAnswer>;
  /** The granted revisions from number `first` on, up to the first free one but 1. Rejects if nobody can say. */
  revisions(verificationId: string, first: number): Promise<readonly Revision[]>;
};

/**
 * Grants each read and each revision once ever. TAKEN: somebody has it, perhaps an earlier attempt of ours whose answer
 * was lost. Rejects if nobody can say; then it counts as taken.
 */
export type Grants = {
  grantRead(input: GrantedReadInput): Promise<'GRANTED' | 'TAKEN'>;
  grantRevision(input: GrantedRevisionInput): Promise<'GRANTED' | 'TAKEN'>;
};

/** One thing worth keeping of an answer, in clear; it never leaves the process but through an `EvidenceKeeper`. */
export type FoundEvidence = { readonly kind: EvidenceKind; readonly contentType: string; readonly bytes: Uint8Array };

/**
 * Encrypts and stores what an answer brought, and puts it again with back-off until `untilMs` (epoch ms). Never rejects: what
 * could not be kept is said in the answer, and the verdict stands without it.
 */
export type EvidenceKeeper = {
  keep(order: {
    readonly verificationId: string;
    readonly found: readonly FoundEvidence[];
    readonly untilMs: number;
  }): Promise<KeptEvidence>;
};

/** What the activities tell metrics and logs. Nothing secret: ids, kinds, codes and durations (ms). Must not throw. */
export type ActivityEvents = {
  /** A read ran, whatever came of it. `code` is its status, error, cause or `MALFORMED`. */
  readEnded(event: {
    readonly verificationId: string;
    readonly slot: number;
    readonly kind: ReadReport['kind'];
    readonly code: string;
    readonly durationMs: number;
  }): void;
  /** The quota guard refused a dispatch: an operator reset, restarted or re-dispatched it. */
  readWithheld(event: {
    readonly verificationId: string;
    readonly slot: number;
    readonly why: WithheldWhy;
    readonly doubt?: LedgerDoubt;
  }): void;
  /** A run that is not the home run learnt of reads it did not know, and repeated none of them. */
  readsRecovered(event: { readonly verificationId: string; readonly reads: number }): void;
  /** A defect of ours: something unforeseen was thrown. The read counts unless `stage` is OPEN_TOKEN. */
  readBroke(event: {
    readonly verificationId: string;
    readonly slot: number;
    readonly stage: 'OPEN_TOKEN' | 'CALL_VENDOR';
    readonly errorName: string;
  }): void;
  /** A defect of ours: the keeper threw, or did not end in time. What was kept, nobody knows; the verdict stands. */
  evidenceBroke(event: { readonly verificationId: string; readonly errorName: string }): void;
  outcomeEmitted(event: {
    readonly verificationId: string;
    readonly outcome: OutcomeEvent['outcome'];
    readonly primaryReason?: string;
    readonly callsUsed: number;
    readonly issuedAt: string;
    readonly receipt: EmissionReceipt;
    readonly durationMs: number;
  }): void;
};
