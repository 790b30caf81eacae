import type { Client } from '@temporalio/client';
import { GATE_MEMO_KEY, GATE_WORKFLOW_TYPE, type GateInput } from '../../contracts/gate.ts';
import { gateStateIn } from '../../contracts/gate-messages.ts';
import { gateDetails, gateSummary } from '../../contracts/text/gate.ts';
import { defined } from '../../domain/defined.ts';
import { type GatePace, type GateState, openGate } from '../../domain/gate/gate.ts';
import { gateWorkflowId } from '../../domain/ids.ts';
import { foundOrUndefined, within } from '../errors.ts';
import { describeQueue } from '../task-queue.ts';

export type GateAddress = {
  readonly client: Client;
  readonly region: string;
  /** Where its workflow runs; the reads wait on a queue beside it. */
  readonly taskQueue: string;
  /** Of tests. */
  readonly pace?: GatePace;
};

/** The run that is open now. `taskQueue`: where it runs, which whoever started it has said. */
export type GateRun = { readonly workflowId: string; readonly runId: string; readonly state: GateState; readonly taskQueue: string };

/** The latest run of the gate, open or not; undefined: there is none. */
export async function lastGateRun({ client, region }: GateAddress): Promise<(GateRun & { readonly isOpen: boolean }) | undefined> {
  const workflowId = gateWorkflowId(region);
  const found = await foundOrUndefined(within({ client }, () => client.workflow.getHandle(workflowId).describe()));
  if (found === undefined) return undefined;
  const { runId, taskQueue, status, startTime } = found;
  const state = gateStateIn(found.memo?.[GATE_MEMO_KEY]) ?? openGate(startTime.toISOString());
  return { workflowId, runId, state, taskQueue, isOpen: status.name === 'RUNNING' || status.name === 'PAUSED' };
}

/**
 * The open run, started if there is none: by whoever needs it first, whoever else tries gets the same. It begins where the last
 * one stood, whoever ended that: `known` is what the caller remembers of it. One whose queue nobody polls any more, because the
 * setting has changed, moves to this one.
 */
export async function openGateRun(address: GateAddress, known?: GateState): Promise<GateRun> {
  const { client, region, taskQueue, pace } = address;
  const last = await lastGateRun(address);
  if (last?.isOpen === true) {
    if (last.taskQueue === taskQueue || (await isServed(client, last.taskQueue))) return last;
    await foundOrUndefined(
      within({ client }, () =>
        client.workflow.getHandle(last.workflowId, last.runId).terminate(`nobody polls ${last.taskQueue}; it goes on on ${taskQueue}`),
      ),
    );
  }
  const state = last?.state ?? known ?? openGate(new Date().toISOString());
  const workflowId = gateWorkflowId(region);
  const input: GateInput = { v: 1, region, state, ...defined({ pace }) };
  await within({ client }, () =>
    client.workflow.start(GATE_WORKFLOW_TYPE, {
      taskQueue,
      workflowId,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [input],
      memo: { [GATE_MEMO_KEY]: state },
      staticSummary: gateSummary(region),
      staticDetails: gateDetails(region),
    }),
  );
  const started = await lastGateRun(address);
  return started ?? { workflowId, runId: '', state, taskQueue };
}

/** Somebody has asked for workflow tasks of this queue within the last minutes. */
async function isServed(client: Client, taskQueue: string): Promise<boolean> {
  const { namespace } = client.options;
  return (await describeQueue(client, { namespace, name: taskQueue, kind: 'workflow' })).pollers.length > 0;
}
