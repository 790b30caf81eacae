import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type GateView, HOLD_UPDATE, RESUME_UPDATE } from '../../contracts/gate.ts';
import type { Mandate } from '../../contracts/mandate.ts';
import { defined } from '../../domain/defined.ts';
import { openGate, readLimit } from '../../domain/gate/gate.ts';
import { gateWorkflowId, readsQueueOf } from '../../domain/ids.ts';
import type { GatePort } from '../../operator/ports.ts';
import { describeGrpcError, knownAs, unavailable, within } from '../errors.ts';
import { readQueueState } from './queue.ts';
import { type GateAddress, lastGateRun, openGateRun } from './run.ts';

/** A worker has to take the order, and the server's queue to follow. */
const ORDER_DEADLINE_MS = 20_000;

const UPDATES = { hold: HOLD_UPDATE, resume: RESUME_UPDATE } as const;

/** The gate for people. */
export function createGatePort(address: GateAddress): GatePort {
  const { client, region } = address;
  return {
    status: async () =>
      await knownAs('the gate cannot be looked at', async () => {
        const run = await lastGateRun(address);
        const state = run?.state ?? openGate(new Date().toISOString());
        const name = readsQueueOf(run?.taskQueue ?? address.taskQueue);
        const queue = await readQueueState(client, name);
        return {
          region,
          workflowId: gateWorkflowId(region),
          state,
          ...defined({ readsPerSecond: readLimit(state) }),
          queue: { name, ...queue },
        };
      }),
    async order(what, mandate) {
      const { workflowId } = await knownAs('the gate cannot be found', async () => await openGateRun(address));
      // Not of that run: it may have become its own successor meanwhile.
      const gate = client.workflow.getHandle(workflowId);
      try {
        const request = () => gate.executeUpdate<GateView, [Mandate]>(UPDATES[what], { args: [mandate] });
        return { result: 'DONE', view: await within({ client, deadlineMs: ORDER_DEADLINE_MS }, request) };
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) return { result: 'REFUSED', why: refusalIn(error) };
        throw unavailable(
          `nobody knows whether the gate took the order (${describeGrpcError(error)}): is a worker running? \`verdictflow gate status\` tells`,
          error,
        );
      }
    },
  };
}

function refusalIn({ cause, message }: WorkflowUpdateFailedError): string {
  return cause instanceof ApplicationFailure ? cause.message : message;
}
