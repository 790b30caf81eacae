import { activityInfo } from '@temporalio/activity';
import type { GetResultOrder } from '../src/contracts/workflow.ts';
import { defined } from '../src/domain/defined.ts';
import { exhausted } from '../src/domain/exhaustive.ts';
import { instantOf } from '../src/domain/instant.ts';
import { isFinal } from '../src/domain/judging/answer.ts';
import type { RecoveredReads } from '../src/domain/ledger/asking-run.ts';
import { codeOf, isAnswered, type LedgerDoubt, type ReadReport, unsent, type WithheldWhy } from '../src/domain/reading/report.ts';
import { grantRead } from './grant-read.ts';
import type { ActivityEvents, Grants, ResultApi, TokenOpener, VerificationLedger } from './ports.ts';
import { guard } from './quota-guard.ts';

export type GetResultPorts = {
  readonly resultApi: ResultApi;
  readonly tokenOpener: TokenOpener;
  readonly ledger: VerificationLedger;
  readonly grants: Grants;
  readonly events: ActivityEvents;
  readonly onIdle: (verificationId: string) => void;
  readonly now: () => number;
};

/**
 * One read, at most one request. It returns a report whatever happens and never throws, because Temporal would count a
 * thrown error as a reason to dispatch it again after some operator actions. It takes no cancellation signal: a deploy
 * must not cut off a read that is already paid for. In a run that is not the home run it may answer earlier reads instead.
 */
export async function getResult(ports: GetResultPorts, order: GetResultOrder): Promise<ReadReport | RecoveredReads> {
  const answer = guard(activityInfo(), order);
  switch (answer) {
    case 'HOME':
      return readOnce(ports, { order, token: openToken(ports, order) });
    case 'AWAY':
      return readAway(ports, order);
    default:
      return withheld(ports, { order, why: answer });
  }
}

async function readAway(ports: GetResultPorts, order: GetResultOrder): Promise<ReadReport | RecoveredReads> {
  let token: string | undefined;
  const hasToken = (): boolean => {
    token = openToken(ports, order);
    return token !== undefined;
  };
  const permission = await grantRead(ports, { order, dispatch: activityInfo(), hasToken });
  switch (permission.kind) {
    case 'GRANTED': {
      const report = await readOnce(ports, { order, token });
      return isAnswered(report) ? { ...report, granted: permission.read } : report;
    }
    case 'NO_TOKEN':
      return readOnce(ports, { order, token });
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
type Opened = { readonly order: GetResultOrder; readonly token: string | undefined };

async function readOnce(ports: GetResultPorts, { order, token }: Opened): Promise<ReadReport> {
  const { verificationId, slot } = order;
  const beganAtMs = ports.now();
  // An envelope that does not open is proof that nothing was sent; a later worker may hold the key.
  const report = token === undefined ? unsent('TOKEN_KEY_UNKNOWN', beganAtMs) : await read(ports, { order, token });
  const durationMs = ports.now() - beganAtMs;
  ports.events.readEnded({ verificationId, slot, kind: report.kind, code: codeOf(report), durationMs });
  if (mayWait(report)) ports.onIdle(verificationId);
  return report;
}

async function read(ports: GetResultPorts, { order, token }: Opened & { readonly token: string }): Promise<ReadReport> {
  const sentAt = instantOf(ports.now());
  try {
    return await ports.resultApi.getResult({
      token,
      // Nothing keeps images yet, whatever the producer asked for: without them an answer has some kilobytes.
      returnImage: 0,
      ...defined({ bizNo: order.bizNo }),
      notAfterMs: Date.parse(order.deadlineAt),
    });
  } catch (error) {
    // A defect of ours. The request may have left, so the read counts.
    ports.events.readBroke({ ...whose(order), stage: 'CALL_VENDOR', errorName: nameOf(error) });
    return { kind: 'UNCERTAIN', cause: 'WORKER_LOST', sentAt, endedAt: instantOf(ports.now()) };
  }
}

function openToken(ports: GetResultPorts, order: GetResultOrder): string | undefined {
  try {
    return ports.tokenOpener.open(order.sealedToken, order.verificationId);
  } catch (error) {
    ports.events.readBroke({ ...whose(order), stage: 'OPEN_TOKEN', errorName: nameOf(error) });
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

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
