import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { readEmulatorLog } from '../../src/emulator/log-reader.ts';
import { openPipeline } from '../conformance/pipeline-run.ts';
import type { PipelineRun } from '../conformance/pipeline-run.ts';
import { until } from '../support/until.ts';
import { ISSUED_EVERY_MS, population } from './population.ts';
import type { Member } from './population.ts';

/** Old ones live this long after admission, the others so much longer that planning and replaying fit in. */
export function windowOf(count: number): { readonly leadMs: number; readonly windowMs: number } {
  const leadMs = 45_000 + count * (ISSUED_EVERY_MS + 30);
  return { leadMs, windowMs: leadMs + 75_000 + count * 250 };
}

export type FinishedPopulation = {
  readonly run: PipelineRun;
  readonly members: readonly Member[];
  readonly windowMs: number;
  /** By verification, from the vendor's log. */
  readsNow(): Promise<ReadonlyMap<string, number>>;
  runsOf(verificationId: string): Promise<readonly { readonly startTime: Date; readonly closeTime?: Date | undefined }[]>;
  close(): Promise<void>;
};

type Stand = Omit<FinishedPopulation, 'close' | 'runsOf'> & { readonly client: Client; readonly leadMs: number };

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
  await allOver(stand);
  return {
    ...stand,
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

/** Cancels or terminates each as soon as a read is made that says nothing yet. */
async function meddle({ client, members, leadMs, readsNow }: Stand): Promise<void> {
  const waiting = new Map(members.flatMap((member) => (member.meddling === undefined ? [] : [[member.verificationId, member.meddling]])));
  await until(
    async () => {
      const reads = await readsNow();
      for (const [verificationId, meddling] of waiting) {
        if ((reads.get(verificationId) ?? 0) === 0) continue;
        const handle = client.workflow.getHandle(`fv-${verificationId}`);
        await (meddling === 'CANCEL' ? handle.cancel() : handle.terminate('by the test'));
        waiting.delete(verificationId);
      }
      return waiting.size === 0;
    },
    { timeoutMs: leadMs, everyMs: 1_000, what: 'a first read of those to be cancelled or terminated' },
  );
}

async function allOver(stand: Stand): Promise<void> {
  const { client, members, leadMs, windowMs, readsNow } = stand;
  const over = members.filter((member) => !staysOpen(member));
  const open = new Map(over.map((member) => [member.verificationId, member]));
  await until(
    async () => {
      for (const id of open.keys()) {
        const { status } = await client.workflow.getHandle(`fv-${id}`).describe();
        if (status.name !== 'RUNNING') open.delete(id);
      }
      return open.size === 0;
    },
    { timeoutMs: leadMs + 30_000, everyMs: 1_000, what: 'every verification but those that wait for their reserve is over' },
  ).catch(async (cause: unknown) => {
    const reads = await readsNow();
    const rest = [...open.values()].map(
      ({ verificationId, scenario, age }) => `${scenario} ${age} after ${reads.get(verificationId)} reads`,
    );
    throw new Error(`not over: ${rest.join(', ')}`, { cause });
  });
  await until(() => over.every(({ issuedAtMs, age }) => age !== 'OLD' || Date.now() > issuedAtMs + windowMs), {
    timeoutMs: leadMs,
    what: 'the windows of the old ones have passed',
  });
}

/** Waits for its reserve while the others are planned and replayed. */
export function staysOpen({ age, scenario }: Pick<Member, 'age' | 'scenario'>): boolean {
  return age === 'YOUNG' && scenario === 'processing-9';
}
