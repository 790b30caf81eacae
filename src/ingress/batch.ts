import { createSemaphore } from '../async/semaphore.ts';
import { createSequencer } from '../async/sequencer.ts';
import { startsWithRead } from './admission.ts';
import { createHintWaiting } from './hints.ts';
import type { InboundBatch, InboundRecord, IngressEvents, WaitCause } from './ports.ts';
import { createRecentRequests } from './recent-requests.ts';
import { settle, type SettleDeps } from './record.ts';
import { AbandonedError, createWaits } from './retry.ts';

type Wired = 'permits' | 'perToken' | 'recent' | 'hintWaiting' | 'waits' | 'answers' | 'random' | 'startsWithRead';

export type IngressOptions = Omit<SettleDeps, Wired> & {
  readonly events: IngressEvents;
  readonly random?: () => number;
  /** Whether a verification's first decision is an immediate read. Default: asks the domain. */
  readonly startsWithRead?: SettleDeps['startsWithRead'];
  /** Starts and hint sends under way at once, over all partitions. */
  readonly maxConcurrentStarts?: number;
  /** How often a waiting batch heartbeats and commits; kafkajs sends at most one heartbeat per its own interval. */
  readonly sliceMs?: number;
  readonly hintRetryMs?: number;
  readonly maxWaitingHints?: number;
};

export type Ingress = {
  /** Resolves when every record is durable and committed, or when the batch is no longer current. Rebalance errors propagate. */
  onBatch(batch: InboundBatch): Promise<void>;
  /** What records wait for; not empty: not ready. */
  waitingFor(): readonly WaitCause[];
  /** Drops waiting hints. Call it after the consumer has stopped. */
  close(): Promise<void>;
};

type BatchDeps = SettleDeps & { readonly width: number; readonly sliceMs: number };

/** Offsets are committed only after the workflow start is acknowledged or the record is in the dead-letter topic (design §7). */
export function createIngress(options: IngressOptions): Ingress {
  const { clock, events, random = Math.random, maxConcurrentStarts = 32, sliceMs = 1000 } = options;
  const waits = createWaits(events, () => clock.now());
  const retryForMs = options.hintRetryMs ?? 30_000;
  const hintWaiting = createHintWaiting({
    sender: options.hintSender,
    clock,
    random,
    events,
    retryForMs,
    capacity: options.maxWaitingHints ?? 1000,
  });
  const deps: BatchDeps = {
    ...options,
    random,
    waits,
    hintWaiting,
    permits: createSemaphore(maxConcurrentStarts),
    perToken: createSequencer(),
    recent: createRecentRequests(10_000),
    answers: { starts: 0, hints: 0 },
    startsWithRead: options.startsWithRead ?? startsWithRead,
    width: maxConcurrentStarts,
    sliceMs,
  };
  return {
    onBatch: async (batch) => await handleBatch(batch, deps),
    waitingFor: () => waits.current(),
    close: async () => await hintWaiting.close(),
  };
}

async function handleBatch(batch: InboundBatch, deps: BatchDeps): Promise<void> {
  const watermark = createWatermark(batch.records, batch.endOffset);
  const abandon = new AbortController();
  const lanes = runLanes(batch, { ...deps, watermark, abandon });
  // Awaited by `attend`; without this a failure while a heartbeat is under way would count as unhandled.
  lanes.catch(() => undefined);
  try {
    await attend(batch, { ...deps, watermark, abandon, lanes });
  } finally {
    abandon.abort();
  }
}

type Running = BatchDeps & { readonly watermark: Watermark; readonly abandon: AbortController };

/** Settles records in order of offset, several at once; begins no further one once the batch is not current. */
async function runLanes(batch: InboundBatch, deps: Running): Promise<void> {
  const { watermark, abandon } = deps;
  const queue = batch.records.values();
  const lane = async (): Promise<void> => {
    for (const record of queue) {
      if (abandon.signal.aborted || !batch.isCurrent()) return;
      await settle(record, { ...deps, signal: abandon.signal });
      watermark.done(record);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(deps.width, batch.records.length) }, lane));
  const failed = results.find((result) => result.status === 'rejected' && !(result.reason instanceof AbandonedError));
  if (failed?.status === 'rejected') throw failed.reason;
}

/** Heartbeats and commits while the lanes work. An error of either means that the partition may be another's: stop at once. */
async function attend(
  batch: InboundBatch,
  { lanes, watermark, clock, sliceMs, abandon }: Running & { lanes: Promise<void> },
): Promise<void> {
  let committed = batch.records[0]?.offset ?? batch.endOffset;
  const commit = async (): Promise<void> => {
    const next = watermark.next();
    if (next === committed) return;
    await batch.commit(next);
    committed = next;
  };
  const ended = new AbortController();
  const end = lanes.finally(() => ended.abort());
  end.catch(() => undefined);
  while (!ended.signal.aborted) {
    await clock.sleep(sliceMs, ended.signal);
    if (ended.signal.aborted) break;
    if (!batch.isCurrent()) abandon.abort();
    await batch.heartbeat();
    await commit();
  }
  const [outcome] = await Promise.allSettled([end]);
  await commit();
  if (outcome.status === 'rejected') throw outcome.reason;
}

/**
 * Which records of a batch are done, as a low watermark. kafkajs knows one "last processed" number per partition, so
 * completing out of order must be accounted for here (kafkajs#320: resolving out of order skips records).
 */
type Watermark = {
  done(record: InboundRecord): void;
  /** Next offset to read: that of the first record not yet done, or the batch's end. Offsets may have gaps. */
  next(): bigint;
  isComplete(): boolean;
};

export function createWatermark(records: readonly InboundRecord[], endOffset: bigint): Watermark {
  const finished = new Set<bigint>();
  let first = 0;
  return {
    done(record) {
      finished.add(record.offset);
      for (let head = records[first]; head !== undefined && finished.has(head.offset); head = records[first]) {
        finished.delete(head.offset);
        first += 1;
      }
    },
    next: () => records[first]?.offset ?? endOffset,
    isComplete: () => first >= records.length,
  };
}
