import type { LoadedDataConverter } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { reportOf } from '../../domain/ledger/ledger.ts';
import { codeOf } from '../../domain/reading/report.ts';
import type { ReadSeen } from '../../operator/ports.ts';
import { type DigestedRead, readsOf } from './digest.ts';

/** The reads of one run in the order they were scheduled, each with what the ledger says of it. */
export async function readsSeen(history: History, converter: LoadedDataConverter): Promise<readonly ReadSeen[]> {
  const reads = await readsOf(history.events ?? [], converter);
  return reads.map((read, index) => ({
    number: index + 1,
    scheduledAt: read.scheduledAt,
    ...(read.end.kind === 'OPEN' ? {} : { endedAt: read.end.at }),
    result: resultOf(read),
  }));
}

function resultOf({ end, scheduledAt, recovered }: DigestedRead): string {
  if (end.kind === 'OPEN') return 'IN_FLIGHT';
  if (recovered === true) return 'RECOVERED';
  const report = reportOf(end, scheduledAt);
  const code = codeOf(report);
  return code === report.kind ? code : `${report.kind} ${code}`;
}
