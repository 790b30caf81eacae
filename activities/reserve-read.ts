import type { Info } from '@temporalio/activity';
import type { GetResultOrder } from '../src/contracts/workflow.ts';
import { type AwayDispatch, awayDispatch } from '../src/domain/ledger/ledger.ts';
import { questionOf, reservedBy } from './away.ts';
import type { Reservations, VerificationLedger } from './ports.ts';

export type ReserveReadPorts = { readonly ledger: VerificationLedger; readonly reservations: Reservations };

/** `RESERVED`: exactly this dispatch may read now, once. It is never given back, hence `NO_TOKEN` before it is made. */
export type AwayPermission =
  | Exclude<AwayDispatch, { kind: 'RESERVE' }>
  | { readonly kind: 'RESERVED'; readonly read: number }
  | { readonly kind: 'NO_TOKEN' };

type Dispatch = Pick<Info, 'activityId' | 'workflowExecution'>;
/** `hasToken` tells whether the token can be opened: asked only once a read would follow. */
type Asked = { readonly order: GetResultOrder; readonly dispatch: Dispatch; readonly hasToken: () => boolean };

/**
 * Permission for a read of a run that is not the home run. A reservation that somebody else took meanwhile is a read
 * that this run did not know of, so the ledger is asked once more; whatever stays unclear refuses.
 */
export async function reserveRead(ports: ReserveReadPorts, asked: Asked): Promise<AwayPermission> {
  const first = await dispatchOf(ports, asked);
  if (first.kind !== 'RESERVE') return first;
  if (!asked.hasToken()) return { kind: 'NO_TOKEN' };
  const reserved = await reserve(ports, { ...asked, read: first.read });
  if (reserved !== 'TAKEN') return reserved;
  const second = await dispatchOf(ports, asked);
  return second.kind === 'RESERVE' ? unconfirmed() : second;
}

async function dispatchOf(ports: ReserveReadPorts, { order, dispatch }: Asked): Promise<AwayDispatch> {
  const question = questionOf(order, { verificationId: order.verificationId, run: dispatch.workflowExecution });
  return awayDispatch(await ports.ledger.consult(question), order);
}

async function reserve(
  { reservations }: ReserveReadPorts,
  { order, dispatch, read }: Asked & { readonly read: number },
): Promise<AwayPermission | 'TAKEN'> {
  const { verificationId, maxCalls } = order;
  try {
    const answer = await reservations.reserveRead({ v: 1, verificationId, read, maxCalls, reservedBy: reservedBy(dispatch, order) });
    return answer === 'GRANTED' ? { kind: 'RESERVED', read } : 'TAKEN';
  } catch {
    // Not silent: the refusal names it in the history. The reservation may have been made, so it counts as a read.
    return unconfirmed();
  }
}

function unconfirmed(): AwayPermission {
  return { kind: 'REFUSE', why: 'LEDGER_UNKNOWN', doubt: 'RESERVATION_UNCONFIRMED' };
}
