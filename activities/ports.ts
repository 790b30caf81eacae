import type { OutcomeEvent } from '../src/contracts/outcome.ts';
import type { EmissionReceipt } from '../src/contracts/workflow.ts';
import type { ReadReport } from '../src/domain/read-report.ts';

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
