import { activityInfo } from '@temporalio/activity';
import { errorName } from '../src/contracts/errors.ts';
import type { GetResultOrder } from '../src/contracts/workflow.ts';
import { defined } from '../src/domain/defined.ts';
import { exhausted } from '../src/domain/exhaustive.ts';
import { instantOf } from '../src/domain/instant.ts';
import { isFinal } from '../src/domain/judging/answer.ts';
import type { RecoveredReads } from '../src/domain/ledger/asking-run.ts';
import {
  codeOf,
  gateClosed,
  isAnswered,
  type LedgerDoubt,
  type ReadReport,
  unsent,
  type UnsentCause,
  type WithheldWhy,
} from '../src/domain/reading/report.ts';
import { grantRead } from './grant-read.ts';
import { type EvidenceKeeping, REPORT_MARGIN_MS } from './keep-evidence.ts';
import type {
  ActivityEvents,
  FoundEvidence,
  GateAnswer,
  Grants,
  ReadGate,
  ReadRequest,
  ResultApi,
  TokenOpener,
  VerificationLedger,
} from './ports.ts';
import { guard } from './quota-guard.ts';

export type GetResultPorts = {
  readonly resultApi: ResultApi;
  readonly tokenOpener: TokenOpener;
  readonly ledger: VerificationLedger;
  readonly grants: Grants;
  readonly gate: ReadGate;
  /** Absent: nothing is kept, and no image asked for. */
  readonly evidence?: EvidenceKeeping;
  readonly events: ActivityEvents;
  readonly onIdle: (verificationId: string) => void;
  readonly now: () => number;
};

/**
 * One read, at most one request. It returns a report whatever happens and never throws, because Temporal would count a
 * thrown error as a reason to dispatch it again after some operator actions. It takes no cancellation signal: a deploy
 * must not cut off a read that is already paid for. In a run that is not the home run it may answer earlier reads instead.
 *
 * What the answer brought is kept last, when limiter and gate have heard of the read: they wait for no store. Its place in admission
 * it holds until the outcome is out, or a slow store would let in more than memory has room for.
 */
export async function getResult(ports: GetResultPorts, order: GetResultOrder): Promise<ReadReport | RecoveredReads> {
  const beganAtMs = ports.now();
  const dispatch = activityInfo();
  const who = guard(dispatch, order);
  if (who !== 'HOME' && who !== 'AWAY') return withheld(ports, { order, why: who });
  // Before a grant is taken, because a grant is never given back.
  const entry = await ports.gate.ask({ taskQueue: dispatch.taskQueue, verificationId: order.verificationId });
  if (entry.kind === 'CLOSED') return ended(ports, { order, report: gateClosed(entry.gate, ports.now()), beganAtMs: ports.now() });
  const found: FoundEvidence[] = [];
  const reading = { order, entry, found, answerByMs: beganAtMs + dispatch.startToCloseTimeoutMs - REPORT_MARGIN_MS };
  const report = who === 'HOME' ? await readOnce(ports, { ...reading, token: openToken(ports, order) }) : await readAway(ports, reading);
  entry.ended(report.kind === 'RECOVERED' ? undefined : report);
  if (report.kind !== 'ANSWER' || ports.evidence === undefined || found.length === 0) return report;
  const { verificationId } = order;
  const evidence = await ports.evidence.keep({ verificationId, found, beganAtMs, limitMs: dispatch.startToCloseTimeoutMs });
  return { ...report, evidence };
}

/** `found`: what the answer brings for keeping is put there. `answerByMs`: what comes later comes to nobody. */
type Reading = {
  readonly order: GetResultOrder;
  readonly entry: Extract<GateAnswer, { kind: 'OPEN' }>;
  readonly found: FoundEvidence[];
  readonly answerByMs: number;
};

/** A grant, and after it the longest request that settings allow (`src/config/timeouts.ts`). */
const GRANT_AND_REQUEST_MS = 25_000;

async function readAway(ports: GetResultPorts, reading: Reading): Promise<ReadReport | RecoveredReads> {
  const { order, answerByMs } = reading;
  let token: string | undefined;
  const hindrance = (): UnsentCause | undefined => {
    if (ports.now() + GRANT_AND_REQUEST_MS > answerByMs) return 'OUT_OF_TIME';
    token = openToken(ports, order);
    return token === undefined ? 'TOKEN_KEY_UNKNOWN' : undefined;
  };
  const permission = await grantRead(ports, { order, dispatch: activityInfo(), hindrance });
  switch (permission.kind) {
    case 'GRANTED': {
      const report = await readOnce(ports, { ...reading, token });
      return isAnswered(report) ? { ...report, granted: permission.read } : report;
    }
    case 'UNSENT': {
      const beganAtMs = ports.now();
      return ended(ports, { order, report: unsent(permission.cause, beganAtMs), beganAtMs });
    }
    case 'RECOVERED':
      ports.events.readsRecovered({ verificationId: order.verificationId, reads: permission.reads.length });
      return permission;
    case 'REFUSE':
      return withheld(ports, { order, ...permission });
    default:
      return exhausted(permission);
  }
}

type Refused = { readonly order: GetResultOrder; readonly why: WithheldWhy; readonly doubt?: LedgerDoubt };

function withheld(ports: GetResultPorts, { order, why, doubt }: Refused): ReadReport {
  const { verificationId, slot } = order;
  const refusal = { why, ...defined({ doubt }) };
  ports.events.readWithheld({ verificationId, slot, ...refusal });
  ports.onIdle(verificationId);
  return { kind: 'WITHHELD', ...refusal, endedAt: instantOf(ports.now()) };
}

/** `token`: undefined if it could not be opened. */
type Opened = Reading & { readonly token: string | undefined };

async function readOnce(ports: GetResultPorts, { token, ...reading }: Opened): Promise<ReadReport> {
  const { order } = reading;
  const beganAtMs = ports.now();
  // An envelope that does not open is proof that nothing was sent; a later worker may hold the key.
  const report = token === undefined ? unsent('TOKEN_KEY_UNKNOWN', beganAtMs) : await read(ports, { ...reading, token });
  return ended(ports, { order, report, beganAtMs });
}

type Ended = { readonly order: GetResultOrder; readonly report: ReadReport; readonly beganAtMs: number };

function ended(ports: GetResultPorts, { order, report, beganAtMs }: Ended): ReadReport {
  const { verificationId, slot } = order;
  ports.events.readEnded({ verificationId, slot, kind: report.kind, code: codeOf(report), durationMs: ports.now() - beganAtMs });
  if (mayWait(report)) ports.onIdle(verificationId);
  return report;
}

async function read(
  ports: GetResultPorts,
  { order, token, entry, found, answerByMs }: Reading & { readonly token: string },
): Promise<ReadReport> {
  const sentAt = instantOf(ports.now());
  try {
    return await ports.resultApi.getResult({
      token,
      ...keptOf(ports, { order, found }),
      ...defined({ bizNo: order.bizNo }),
      notAfterMs: Date.parse(order.deadlineAt),
      answerByMs,
      forbidden: entry.closedMeanwhile,
    });
  } catch (error) {
    // A defect of ours. The request may have left, so the read counts.
    ports.events.readBroke({ ...whose(order), stage: 'CALL_VENDOR', errorName: errorName(error) });
    return { kind: 'UNCERTAIN', cause: 'WORKER_LOST', sentAt, endedAt: instantOf(ports.now()) };
  }
}

/**
 * What to ask for and to keep. Any read can be the one that settles it, the first as well as the reserve, for nobody knows when the
 * session ends; and the vendor sends images only when it has. So each read asks for them, and one that finds PROCESSING costs no more.
 * Without a store none does, whatever the producer wishes: without images an answer has some kilobytes.
 */
function keptOf(
  { evidence }: GetResultPorts,
  { order, found }: Pick<Reading, 'order' | 'found'>,
): Pick<ReadRequest, 'returnImage' | 'evidence'> {
  if (evidence === undefined) return { returnImage: 0 };
  return {
    returnImage: order.returnImage,
    evidence: { keepAnswer: evidence.keepAnswer, found: (brought) => void found.push(...brought) },
  };
}

function openToken(ports: GetResultPorts, order: GetResultOrder): string | undefined {
  try {
    return ports.tokenOpener.open(order.sealedToken, order.verificationId);
  } catch (error) {
    ports.events.readBroke({ ...whose(order), stage: 'OPEN_TOKEN', errorName: errorName(error) });
    return undefined;
  }
}

/** False only for an answer that can end the verification now; its admission is released once the outcome is out. */
function mayWait(report: ReadReport): boolean {
  return report.kind !== 'ANSWER' || !isFinal(report.answer.status);
}

function whose(order: GetResultOrder): { verificationId: string; slot: number } {
  return { verificationId: order.verificationId, slot: order.slot };
}
