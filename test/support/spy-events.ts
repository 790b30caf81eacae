import { vi } from 'vitest';
import type { ActivityEvents } from '../../activities/ports.ts';

/** Records what the activities report, without doing anything. */
export function spyEvents() {
  return {
    readEnded: vi.fn<ActivityEvents['readEnded']>(),
    readWithheld: vi.fn<ActivityEvents['readWithheld']>(),
    readsRecovered: vi.fn<ActivityEvents['readsRecovered']>(),
    readBroke: vi.fn<ActivityEvents['readBroke']>(),
    evidenceBroke: vi.fn<ActivityEvents['evidenceBroke']>(),
    outcomeEmitted: vi.fn<ActivityEvents['outcomeEmitted']>(),
  } satisfies ActivityEvents;
}
