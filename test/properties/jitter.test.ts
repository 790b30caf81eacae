import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jitterMs, lateJitterMs, unitHash } from '../../src/domain/reading/jitter.ts';
import { plannedTimes } from '../../src/domain/reading/planned-times.ts';
import { assignmentWith, HOUR, MINUTE, T0 } from '../domain/samples.ts';
import { anyAssignment } from './generators.ts';
import { runs } from './runs.ts';

test('jitter stays within 10 % of the wait and leaves short waits alone', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat({ max: 24 * HOUR }), (seed, waitMs) => {
      const limit = waitMs > 10_000 ? waitMs / 10 : 0;
      expect(Math.abs(jitterMs(seed, { waitMs }))).toBeLessThanOrEqual(limit);
      expect(lateJitterMs(seed, { waitMs })).toBeGreaterThanOrEqual(0);
      expect(lateJitterMs(seed, { waitMs })).toBeLessThanOrEqual(limit);
      expect(jitterMs(seed, { waitMs })).toBe(jitterMs(seed, { waitMs }));
    }),
    runs(500),
  );
});

test('a burst of tokens is spread over the whole range', () => {
  const units = Array.from({ length: 2000 }, (_, index) => unitHash(`token-${index}:0`));
  const tenths = Array.from({ length: 10 }, (_, tenth) => units.filter((unit) => Math.floor(unit * 10) === tenth).length);
  expect(Math.min(...tenths)).toBeGreaterThan(120);
  expect(Math.max(...tenths)).toBeLessThan(280);
});

test('planned reads stay inside the window, in order, and the reserve within a tenth of what is left of it', () => {
  fc.assert(
    fc.property(anyAssignment, (assignment) => {
      const times = plannedTimes(assignment);
      const deadline = T0 + assignment.policy.windowMs;
      for (const [index, { atMs, reserve }] of times.entries()) {
        expect(atMs).toBeGreaterThanOrEqual(times[index - 1]?.atMs ?? T0);
        expect(atMs).toBeLessThan(deadline);
        const exact = T0 + (assignment.policy.plan.at(-1)?.offsetMs ?? 0);
        if (reserve) expect(Math.abs(atMs - exact)).toBeLessThanOrEqual((deadline - exact) / 10);
      }
    }),
    runs(500),
  );
});

test('no jitter moves a read before the end of the last possible session', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z2-7]{26}$/), (verificationId) => {
      const times = plannedTimes(assignmentWith({ verificationId, profile: 'hinted' }));
      expect(times[0]?.atMs).toBeGreaterThanOrEqual(T0 + HOUR + 4 * MINUTE);
    }),
    runs(200),
  );
});
