import { activityInfo } from '@temporalio/activity';
import type { GetResultOrder } from '../src/contracts/workflow.ts';
import type { ReadReport } from '../src/domain/read-report.ts';
import type { ActivityEvents, ResultApi, TokenOpener } from './ports.ts';
import { whyWithheld } from './quota-guard.ts';

export type GetResultPorts = {
  readonly resultApi: ResultApi;
  readonly tokenOpener: TokenOpener;
  readonly events: ActivityEvents;
  readonly onSettled: (verificationId: string) => void;
  readonly now: () => number;
};

/**
 * One read, at most one request. It returns a report whatever happens and never throws, because Temporal would count a
 * thrown error as a reason to dispatch it again after some operator actions. It takes no cancellation signal: a deploy
 * must not cut off a read that is already paid for.
 */
export async function getResult(ports: GetResultPorts, order: GetResultOrder): Promise<ReadReport> {
  const { verificationId, slot } = order;
  const why = whyWithheld(activityInfo(), order);
  if (why !== undefined) {
    ports.events.readWithheld({ verificationId, slot, why });
    ports.onSettled(verificationId);
    return { kind: 'WITHHELD', why, endedAt: instant(ports.now()) };
  }
  const beganAtMs = ports.now();
  const report = await read(ports, order);
  ports.events.readEnded({
    verificationId,
    slot,
    kind: report.kind,
    code: codeOf(report),
    durationMs: ports.now() - beganAtMs,
  });
  if (mayWait(report)) {
    ports.onSettled(verificationId);
  }
  return report;
}

async function read(ports: GetResultPorts, order: GetResultOrder): Promise<ReadReport> {
  let token: string;
  try {
    token = ports.tokenOpener.open(order.sealedToken, order.verificationId);
  } catch (error) {
    // An envelope that does not open is proof that nothing was sent; a later worker may hold the key.
    ports.events.readBroke({ ...whose(order), stage: 'OPEN_TOKEN', errorName: nameOf(error) });
    return { kind: 'UNSENT', cause: 'TOKEN_KEY_UNKNOWN', endedAt: instant(ports.now()) };
  }
  const sentAt = instant(ports.now());
  try {
    return await ports.resultApi.getResult({
      token,
      returnImage: order.returnImage,
      ...(order.bizNo === undefined ? {} : { bizNo: order.bizNo }),
      notAfterMs: Date.parse(order.deadlineAt),
    });
  } catch (error) {
    // A defect of ours. The request may have left, so the slot counts as spent.
    ports.events.readBroke({ ...whose(order), stage: 'CALL_VENDOR', errorName: nameOf(error) });
    return { kind: 'UNCERTAIN', cause: 'WORKER_LOST', sentAt, endedAt: instant(ports.now()) };
  }
}

/** False only for an answer that can end the verification now; its admission is released once the outcome is out. */
function mayWait(report: ReadReport): boolean {
  return report.kind !== 'EVIDENCE' || report.evidence.status === 'NOT_STARTED' || report.evidence.status === 'PROCESSING';
}

function codeOf(report: ReadReport): string {
  switch (report.kind) {
    case 'EVIDENCE':
      return report.evidence.status;
    case 'VENDOR_ERROR':
      return report.error;
    case 'MALFORMED':
      return report.kind;
    case 'UNCERTAIN':
    case 'UNSENT':
      return report.cause;
    case 'WITHHELD':
      return report.why;
    default: {
      const unknown: never = report;
      return unknown;
    }
  }
}

function whose(order: GetResultOrder): { verificationId: string; slot: number } {
  return { verificationId: order.verificationId, slot: order.slot };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function instant(atMs: number): string {
  return new Date(atMs).toISOString();
}
