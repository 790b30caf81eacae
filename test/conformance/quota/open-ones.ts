import { WORKFLOW_TYPE } from '../../../src/contracts/workflow.ts';
import type { StormRig } from './rig.ts';
import type { StormToken } from './tokens.ts';

/** A list of thousands is work for the server: all who ask within this time share one. */
const FRESH_FOR_MS = 1_000;

type Listing = { readonly atMs: number; readonly open: Promise<ReadonlySet<string>> };
const listings = new WeakMap<StormRig, Listing>();

/** Verifications that still run. Visibility lags behind, which only means that some actions come too late. */
export async function openOnes(rig: StormRig): Promise<readonly StormToken[]> {
  let listing = listings.get(rig);
  if (listing === undefined || Date.now() - listing.atMs > FRESH_FOR_MS) {
    listing = { atMs: Date.now(), open: listOpen(rig) };
    listings.set(rig, listing);
  }
  const open = await listing.open;
  return rig.submitted.filter(({ workflowId }) => open.has(workflowId));
}

async function listOpen(rig: StormRig): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  const query = `TaskQueue = '${rig.taskQueue}' AND ExecutionStatus IN ('Running', 'Paused') AND WorkflowType = '${WORKFLOW_TYPE}'`;
  for await (const { workflowId } of rig.client.workflow.list({ query })) open.add(workflowId);
  return open;
}
