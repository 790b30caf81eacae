import { proxyActivities } from '@temporalio/workflow';
import type { NaiveActivities } from './activities.ts';

const { getResult, emitOutcome } = proxyActivities<NaiveActivities>({ startToCloseTimeout: '1 minute' });

/** The plainest port: read, emit, done. */
export async function verify(token: string): Promise<string> {
  const verdict = await getResult(token);
  await emitOutcome({ token, verdict });
  return verdict;
}
