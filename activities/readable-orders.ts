import { activityInfo } from '@temporalio/activity';
import type { GateActivities } from '../src/contracts/gate.ts';
import { isUnreadableOrder } from '../src/contracts/unreadable.ts';
import type { VerificationActivities } from '../src/contracts/workflow.ts';
import { withoutPrefix } from '../src/domain/ids.ts';
import { instantOf } from '../src/domain/instant.ts';
import { type ReadReport, unsent } from '../src/domain/reading/report.ts';
import type { ActivityEvents } from './ports.ts';
import { isRedispatched } from './quota-guard.ts';

type All = VerificationActivities & Partial<GateActivities>;

/**
 * The activities, each of which refuses an order that this worker cannot decrypt. Whatever Temporal repeats is then repeated, here
 * or where the key is. A read has one attempt, so it says that nothing was sent, which gives its slot back.
 */
export function withReadableOrders<A extends All>(activities: A, events: Pick<ActivityEvents, 'readBroke'>): A {
  const guarded = Object.entries(activities).map(([name, run]: [string, Run]) => {
    const guardedRun: Run = async (...orders) => {
      const order: unknown = orders[0];
      if (!isUnreadableOrder(order)) return await run(...orders);
      if (name === 'getResult') return unreadRead(events);
      throw new Error(order.why);
    };
    return [name, guardedRun];
  });
  return { ...activities, ...Object.fromEntries(guarded) };
}

type Run = (...orders: never[]) => Promise<unknown>;

/** The first dispatch of a read whose order nobody here could read has sent nothing. Of a later one, nobody knows what the first did. */
function unreadRead(events: Pick<ActivityEvents, 'readBroke'>): ReadReport {
  const dispatch = activityInfo();
  const nowMs = Date.now();
  events.readBroke({
    verificationId: withoutPrefix(dispatch.workflowExecution?.workflowId ?? ''),
    slot: 0,
    stage: 'OPEN_TOKEN',
    errorName: 'PayloadUnreadableError',
  });
  if (isRedispatched(dispatch)) return { kind: 'WITHHELD', why: 'REDISPATCHED', endedAt: instantOf(nowMs) };
  return unsent('TOKEN_KEY_UNKNOWN', nowMs);
}
