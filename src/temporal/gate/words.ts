import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { backoffMs } from '../../async/backoff.ts';
import { sleep } from '../../async/sleep.ts';
import {
  ACCOUNT_SIGNAL,
  type AccountLimit,
  CANARY_SIGNAL,
  type CanaryClaim,
  type CanaryEnd,
  CLAIM_UPDATE,
  type GateView,
  STOP_UPDATE,
  type StopOrder,
} from '../../contracts/gate.ts';
import type { Logger } from '../../contracts/logger.ts';
import type { GateState } from '../../domain/gate/gate.ts';
import { gateWorkflowId } from '../../domain/ids.ts';
import { describeGrpcError, within } from '../errors.ts';

/** What a worker tells the gate. Nothing rejects: what could not be told in a minute or so is logged. */
export type GateWords = {
  /** REFUSED: it was held for that already, and resumed. UNTOLD: nobody knows whether it arrived. */
  stop(order: StopOrder): Promise<'HELD' | 'REFUSED' | 'UNTOLD'>;
  /** The gate since this read may try the vendor, and no other; undefined: it may not. */
  claim(claim: CanaryClaim): Promise<GateState | undefined>;
  canaryEnded(end: CanaryEnd): Promise<void>;
  account(limit: AccountLimit): Promise<void>;
};

type WordsOptions = { readonly client: Client; readonly region: string; readonly logger: Logger; readonly stopping: AbortSignal };

const ATTEMPTS = 8;
const BACKOFF = { firstMs: 250, longestMs: 15_000 } as const;

export function createGateWords({ client, region, logger, stopping }: WordsOptions): GateWords {
  const gate = client.workflow.getHandle(gateWorkflowId(region));

  /** Undefined: in vain. A refusal by the gate is thrown. */
  async function tell<T>(what: string, request: () => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await within({ client }, request);
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) throw error;
        if (attempt === ATTEMPTS || stopping.aborted) {
          logger.error({ event: 'gate-untold', what, reason: describeGrpcError(error) }, 'the gate could not be told');
          return undefined;
        }
        await sleep(backoffMs(attempt, { ...BACKOFF, random: Math.random }), stopping);
      }
    }
  }

  return {
    async stop(order) {
      try {
        const view = await tell('stop', () => gate.executeUpdate<GateView, [StopOrder]>(STOP_UPDATE, { args: [order] }));
        return view === undefined ? 'UNTOLD' : 'HELD';
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) return 'REFUSED';
        throw error;
      }
    },
    async claim(claim) {
      try {
        const request = () => gate.executeUpdate<GateView, [CanaryClaim]>(CLAIM_UPDATE, { args: [claim] });
        return (await within({ client }, request)).state;
      } catch (error) {
        // Whether it is ours after all, nobody knows; then it is given up as lost by the gate itself.
        if (!(error instanceof WorkflowUpdateFailedError))
          logger.warn(
            { event: 'gate-unknown', reason: describeGrpcError(error) },
            'the gate does not say whether a read may try the vendor',
          );
        return undefined;
      }
    },
    async canaryEnded(end) {
      await tell('canary', () => gate.signal(CANARY_SIGNAL, end));
    },
    async account(limit) {
      await tell('account', () => gate.signal(ACCOUNT_SIGNAL, limit));
    },
  };
}
