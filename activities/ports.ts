import type { OutcomeEvent } from '../src/contracts/outcome.ts';
import type { EmissionReceipt } from '../src/contracts/workflow.ts';
import type { ReadReport, WithheldWhy } from '../src/domain/read-report.ts';

/** Asks the vendor once. Never throws for anything foreseen; never repeats a request on its own. */
export type ResultApi = {
  getResult(query: ResultQuery): Promise<ReadReport>;
};

export type ResultQuery = {
  /** Secret. */
  readonly token: string;
  readonly returnImage: 0 | 1 | 2;
  readonly bizNo?: string;
  /** The request must not be sent after this instant (epoch ms): no read is made after the window. */
  readonly notAfterMs: number;
};

/** Opens what the sealer sealed. Throws `TokenKeyUnknownError` when no configured key fits. */
export type TokenOpener = { open(sealedToken: string, verificationId: string): string };

/** Resolves once the brokers acknowledged the outcome; rejects when they did not. */
export type OutcomeSink = {
  publish(event: OutcomeEvent, trace?: { traceparent?: string }): Promise<EmissionReceipt>;
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
  readWithheld(event: { readonly verificationId: string; readonly slot: number; readonly why: WithheldWhy }): void;
  /** A defect of ours: something unforeseen was thrown. The read counts as spent unless `stage` is OPEN_TOKEN. */
  readBroke(event: {
    readonly verificationId: string;
    readonly slot: number;
    readonly stage: 'OPEN_TOKEN' | 'CALL_VENDOR';
    readonly errorName: string;
  }): void;
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
