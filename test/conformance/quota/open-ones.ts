import { WORKFLOW_TYPE } from '../../../src/contracts/workflow.ts';
import type { StormRig } from './rig.ts';
import type { StormToken } from './tokens.ts';

/** Verifications that still run. Visibility lags behind, which only means that some actions come too late. */
export async function openOnes(rig: StormRig): Promise<readonly StormToken[]> {
  const open = new Set<string>();
  const query = `TaskQueue = '${rig.taskQueue}' AND ExecutionStatus IN ('Running', 'Paused') AND WorkflowType = '${WORKFLOW_TYPE}'`;
  for await (const { workflowId } of rig.client.workflow.list({ query })) open.add(workflowId);
  return rig.submitted.filter(({ workflowId }) => open.has(workflowId));
}
