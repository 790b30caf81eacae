import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { openPipeline, type PipelineRun } from '../conformance/pipeline-run.ts';
import { until } from '../support/until.ts';
import { ISSUED_EVERY_MS, type Member, population } from './population.ts';

/** Old ones live this long after admission, the others so much longer that planning and replaying fit in. */
export function windowOf(count: number): { readonly leadMs: number; readonly windowMs: number } {
  const leadMs = 45_000 + count * (ISSUED_EVERY_MS + 30);
  return { leadMs, windowMs: leadMs + 75_000 + count * 250 };
}

export type FinishedPopulation = {
  readonly run: PipelineRun;
  readonly members: readonly Member[];
  readonly windowMs: number;
  /** Still running: they wait for their reserve while the others are planned and replayed. */
  readonly open: ReadonlySet<string>;
  /** By verification, from the vendor's log. */
  readsNow(): Promise<ReadonlyMap<string, number>>;
  runsOf(verificationId: string): Promise<readonly { readonly startTime: Date; readonly closeTime?: Date | undefined }[]>;
  close(): Promise<void>;
};

type Stand = Omit<FinishedPopulation, 'close' | 'runsOf' | 'open'> & { readonly client: Client; readonly leadMs: number };

/** Verifications of every kind on real engines, all over but those that wait for their reserve. */
export async function finishedPopulation(count: number): Promise<FinishedPopulation> {
  const { leadMs, windowMs } = windowOf(count);
  const run = await openPipeline({
    VF_WINDOW: `${windowMs}ms`,
    VF_POLICY_PROFILE: 'custom',
    // Far enough apart that a busy machine does not make one read of two.
    VF_POLICY_CUSTOM_OFFSETS: `1s,12s,${Math.floor(windowMs * 0.95)}ms`,
  });
  run.serve();
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const client = new Client({ connection });
  const members = population(count, { windowMs, leadMs, nowMs: Date.now() });
  const readsNow = async (): Promise<ReadonlyMap<string, number>> => {
    const log = await readEmulatorLog(run.logPath);
    return new Map(members.map(({ verificationId }) => [verificationId, log.tokens.get(verificationId)?.reads ?? 0]));
  };
  const stand: Stand = { run, client, members, leadMs, windowMs, readsNow };
  await run.submit(members);
  await meddle(stand);
  const open = await allOver(stand);
  return {
    ...stand,
    open,
    async runsOf(verificationId) {
      const runs = [];
      for await (const one of client.workflow.list({ query: `WorkflowId = 'fv-${verificationId}'` })) runs.push(one);
      return runs;
    },
    async close() {
      await run.close();
      await connection.close();
    },
  };
}

/** Cancels or terminates each as soon as a read is made, and reported, that says nothing yet. */
async function meddle({ client, members, leadMs, readsNow }: Stand): Promise<void> {
  const waiting = new Map(members.flatMap((member) => (member.meddling === undefined ? [] : [[member.verificationId, member.meddling]])));
  await until(
    async () => {
      const reads = await readsNow();
      for (const [verificationId, meddling] of waiting) {
        if ((reads.get(verificationId) ?? 0) === 0) continue;
        const handle = client.workflow.getHandle(`fv-${verificationId}`);
        // An answer on its way to Temporal would be lost with the run.
        if (((await handle.describe()).raw.pendingActivities ?? []).length > 0) continue;
        await (meddling === 'CANCEL' ? handle.cancel() : handle.terminate('by the test'));
        waiting.delete(verificationId);
      }
      return waiting.size === 0;
    },
    { timeoutMs: leadMs, everyMs: 1_000, what: 'a first read of those to be cancelled or terminated' },
  );
}

/**
 * Answers who is still running once nothing is left to happen before the reserves: those that are pending for ever, and on
 * a busy machine a few whose first read was so late that the second planned one fell together with it.
 */
async function allOver(stand: Stand): Promise<ReadonlySet<string>> {
  const { client, members, leadMs, windowMs, readsNow } = stand;
  const forEver = members.filter(({ age, scenario }) => age === 'YOUNG' && scenario === 'processing-9').length;
  const open = new Set(members.map(({ verificationId }) => verificationId));
  await until(
    async () => {
      if (members.some(({ issuedAtMs, age }) => age === 'OLD' && Date.now() <= issuedAtMs + windowMs)) return false;
      for (const id of open) {
        const { status } = await client.workflow.getHandle(`fv-${id}`).describe();
        if (status.name !== 'RUNNING') open.delete(id);
      }
      const reads = await readsNow();
      return open.size <= forEver + members.length * 0.05 && [...open].every((id) => (reads.get(id) ?? 0) > 0);
    },
    { timeoutMs: leadMs + 30_000, everyMs: 1_000, what: 'nearly every verification but those that are pending for ever is over' },
  );
  return open;
}
