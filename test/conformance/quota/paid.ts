import { logRecords } from '../../../src/emulator/log-lines.ts';
import type { StormToken } from './tokens.ts';

/**
 * Words of the vendor, in its log as in what is recorded, after which nothing else comes: a verdict also without a liveness
 * result. The log's `terminal` leaves three of them out, because the vendor may not count such a read.
 */
const OVER = new Set(['FAILED', 'CANCELLED', 'TIMEOUT', 'WEBRTC_UNSUPPORTED']);

/** Verifications that got a final answer of the vendor in full; a process killed in that moment may not have kept it. */
export async function answeredInFull(logPath: string): Promise<ReadonlySet<string>> {
  const readBySeq = new Map<number, string>();
  const answered = new Set<string>();
  for await (const record of logRecords(logPath)) {
    if (record.type === 'read' && (record.terminal || OVER.has(record.says))) readBySeq.set(record.seq, record.verificationId);
    if (record.type !== 'answered' || record.delivery !== 'FULL') continue;
    const id = readBySeq.get(record.of);
    if (id !== undefined) answered.add(id);
  }
  return answered;
}

type Completed = { readonly result?: { readonly payloads?: readonly { readonly data?: Uint8Array | null }[] | null } | null };
type Recorded = { readonly events?: readonly { readonly activityTaskCompletedEventAttributes?: Completed | null }[] | null };

/** What of Temporal's client tells what its runs have recorded. */
export type Histories = {
  readonly workflow: {
    list(options: { readonly query: string }): AsyncIterable<{ readonly runId: string }>;
    getHandle(workflowId: string, runId: string): { fetchHistory(): Promise<Recorded> };
  };
};

/** True if a run of the verification recorded an answer that contains a verdict: from then on it must never be lost. */
export async function hasRecordedVerdict(client: Histories, { workflowId }: Pick<StormToken, 'workflowId'>): Promise<boolean> {
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { activityTaskCompletedEventAttributes: completed } of events ?? []) {
      const data = completed?.result?.payloads?.[0]?.data;
      if (data && isVerdict(JSON.parse(Buffer.from(data).toString()))) return true;
    }
  }
  return false;
}

type Report = {
  readonly kind?: string;
  readonly answer?: { readonly status?: string; readonly liveness?: { readonly result?: string } };
};

function isVerdict({ kind, answer }: Report): boolean {
  const { status = '', liveness } = answer ?? {};
  return kind === 'ANSWER' && (OVER.has(status) || (status === 'OK' && /^(PASS|FAIL)$/.test(liveness?.result ?? '')));
}
