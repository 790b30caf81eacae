import { expect, it } from 'vitest';
import type { HintSignal } from '../../src/contracts/workflow.ts';
import { MINUTE_MS, PATIENT_POLICY, PENDING_READ } from '../support/verification-input.ts';
import { readTimesMs } from '../support/history.ts';
import { until } from '../support/until.ts';
import { useVirtualServer } from '../support/workflow-env.ts';
import { runScenario } from '../support/workflow-rig.ts';

const server = useVirtualServer();

it.each([
  ['its time makes no further read', { recordedAt: '2026-01-15T12:00:00.000Z' }, 'known'],
  ['a time that nobody can read makes one', { recordedAt: 'yesterday' }, 'new'],
])('a trusted hint delivered again after its read with %s', async (_what, time, taken) => {
  const hint: HintSignal = { kind: 'SESSION_ENDED', trusted: true, ...time };
  const { history, startedAtMs } = await runScenario(server(), {
    reads: [PENDING_READ],
    input: { policy: PATIENT_POLICY },
    during: async ({ handle, server: clock, orders: made }) => {
      await clock.advance(MINUTE_MS);
      await handle.signal('hint', hint);
      await clock.advance(MINUTE_MS);
      await until(() => made.length === 1, { timeoutMs: 20_000, what: 'the hinted read' });
      await handle.signal('hint', hint);
    },
  });
  const [, secondMs = Number.NaN] = readTimesMs(history, startedAtMs);
  // A read that the plan made comes much later.
  if (taken === 'new') expect(secondMs).toBeLessThan(10 * MINUTE_MS);
  else expect(secondMs).toBeGreaterThan(10 * MINUTE_MS);
});
