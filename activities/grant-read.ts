import type { GetResultOrder } from '../src/contracts/workflow.ts';
import { type AwayDispatch, awayDispatch } from '../src/domain/ledger/ledger.ts';
import type { UnsentCause } from '../src/domain/reading/report.ts';
import { grantedTo, questionOf } from './away.ts';
import type { Grants, VerificationLedger } from './ports.ts';
import type { Dispatch } from './quota-guard.ts';

export type GrantReadPorts = { readonly ledger: VerificationLedger; readonly grants: Grants };

/** `GRANTED`: exactly this dispatch may read now, once. It is never given back, hence `UNSENT` before it is made. */
export type AwayPermission =
  | Exclude<AwayDispatch, { kind: 'GRANT' }>
  | { readonly kind: 'GRANTED'; readonly read: number }
  | { readonly kind: 'UNSENT'; readonly cause: UnsentCause };

/** `hindrance` tells why nothing can be sent, if so: asked only once a read would follow. */
type Asked = { readonly order: GetResultOrder; readonly dispatch: Dispatch; readonly hindrance: () => UnsentCause | undefined };

/**
 * Permission for a read of a run that is not the home run. A grant that somebody else took meanwhile is a read
 * that this run did not know of, so the ledger is asked once more; whatever stays unclear refuses.
 */
export async function grantRead(ports: GrantReadPorts, asked: Asked): Promise<AwayPermission> {
  const first = await dispatchOf(ports, asked);
  if (first.kind !== 'GRANT') return first;
  const cause = asked.hindrance();
  if (cause !== undefined) return { kind: 'UNSENT', cause };
  const granted = await take(ports, { ...asked, read: first.read });
  if (granted !== 'TAKEN') return granted;
  const second = await dispatchOf(ports, asked);
  return second.kind === 'GRANT' ? unconfirmed() : second;
}

async function dispatchOf(ports: GrantReadPorts, { order, dispatch }: Asked): Promise<AwayDispatch> {
  const question = questionOf(order, { verificationId: order.verificationId, run: dispatch.workflowExecution });
  return awayDispatch(await ports.ledger.consult(question), order);
}

async function take(
  { grants }: GrantReadPorts,
  { order, dispatch, read }: Asked & { readonly read: number },
): Promise<AwayPermission | 'TAKEN'> {
  const { verificationId, maxReads } = order;
  try {
    const answer = await grants.grantRead({ v: 1, verificationId, read, maxReads, grantedTo: grantedTo(dispatch, order) });
    return answer === 'GRANTED' ? { kind: 'GRANTED', read } : 'TAKEN';
  } catch {
    // Not silent: the refusal names it in the history. The grant may have been made, so it counts as a read.
    return unconfirmed();
  }
}

function unconfirmed(): AwayPermission {
  return { kind: 'REFUSE', why: 'LEDGER_UNKNOWN', doubt: 'GRANT_UNCONFIRMED' };
}
