import { describe, expect, test } from 'vitest';
import { type PlannedRead, POLICY_PROFILES, type PolicyProfile } from '../../src/domain/policy.ts';
import { policyProblems, resolvePolicy } from '../../src/domain/reading/plan.ts';
import { plannedTimes } from '../../src/domain/reading/planned-times.ts';
import * as s from './samples.ts';

const { SECOND, MINUTE, HOUR } = s;

function shape(reads: readonly PlannedRead[]): readonly string[] {
  return reads.map(({ anchor, offsetMs, notBeforeMs, reserve }) => `${anchor}+${offsetMs}|${notBeforeMs}${reserve ? ' reserve' : ''}`);
}

const RESERVE = `ISSUED+${23 * HOUR}|0 reserve`;

test.each<[PolicyProfile, readonly string[]]>([
  ['issued', [`ISSUED+${5 * MINUTE}|0`, `EXPIRY+${4 * MINUTE}|${20 * MINUTE}`, RESERVE]],
  ['completed', ['ADMITTED+0|0', `ADMITTED+${MINUTE}|0`, RESERVE]],
  ['hinted', [`EXPIRY+${4 * MINUTE}|0`, RESERVE]],
  ['patient', [`ISSUED+${30 * MINUTE}|0`, `ISSUED+${6 * HOUR}|0`, RESERVE]],
  ['custom', ['ISSUED+0|0', `ISSUED+${MINUTE}|0`, RESERVE]],
])('the plan of %s', (profile, expected) => {
  const settings = { ...s.SETTINGS, customOffsetsMs: [0, MINUTE, 23 * HOUR] };
  expect(shape(resolvePolicy(profile, settings).plan)).toEqual(expected);
});

test('the demo profile compresses every duration', () => {
  const policy = resolvePolicy('demo', { ...s.SETTINGS, windowMs: 24 * SECOND });
  expect(shape(policy.plan)).toEqual(['ISSUED+1000|0', 'EXPIRY+1000|6000', 'ISSUED+20000|0 reserve']);
  expect(policy).toMatchObject({ minGapMs: 500, errorBackoffMs: 1000, sessionAllowanceMs: 1000, hintDelayMs: 200 });
});

test.each([1, 2, 3, 5])('with %i call(s) no profile plans more reads, and the reserve stays', (maxReads) => {
  for (const profile of POLICY_PROFILES.filter((name) => name !== 'custom')) {
    const { plan } = resolvePolicy(profile, { ...s.SETTINGS, maxReads });
    expect(plan.length).toBeLessThanOrEqual(maxReads);
    expect(plan.map(({ reserve }) => reserve)).toEqual([...plan.slice(1).map(() => false), true]);
  }
});

test('another window moves the reserve with it, and reads planned outside it are left out', () => {
  const assignment = s.assignmentWith({ settings: { windowMs: 24 * MINUTE } });
  const times = plannedTimes(assignment);
  expect(times.map(({ reserve }) => reserve)).toEqual([false, true]);
  expect(Math.abs((times[1]?.atMs ?? 0) - s.T0 - 23 * MINUTE)).toBeLessThanOrEqual(0.1 * MINUTE);
});

test('no jitter takes a planned read past the reserve, or out of the window', () => {
  const ids = Array.from({ length: 200 }, (_, index) => `abcdefghijklmnopqrst${String(index).padStart(6, 'a')}`);
  const reservesOf = (wish: Parameters<typeof s.assignmentWith>[0]): readonly string[] =>
    ids.map((verificationId) =>
      plannedTimes(s.assignmentWith({ ...wish, verificationId }))
        .map(({ reserve }) => reserve)
        .join(),
    );
  const settings = { customOffsetsMs: [0, 22.5 * HOUR, 23 * HOUR] };
  expect(new Set(reservesOf({ profile: 'custom', settings }))).toEqual(new Set(['false,false,true']));
  expect(new Set(reservesOf({ tokenExpiresAtMs: s.T0 + 22.5 * HOUR }))).toEqual(new Set(['false,false,true']));
  expect(new Set(reservesOf({ tokenExpiresAtMs: s.T0 + 23.8 * HOUR }))).toEqual(new Set(['false,true,false']));
});

test('custom offsets that end early have no reserve', () => {
  const { plan } = resolvePolicy('custom', { ...s.SETTINGS, customOffsetsMs: [0, MINUTE] });
  expect(plan.some(({ reserve }) => reserve)).toBe(false);
});

test('values from a newer release fall back to what is safe', () => {
  const newer: PolicyProfile = JSON.parse('"newer"');
  expect(shape(resolvePolicy(newer, s.SETTINGS).plan)).toEqual([RESERVE]);
  const anchor: PlannedRead['anchor'] = JSON.parse('"NEWER"');
  const assignment = s.assignmentWith();
  const policy = { ...assignment.policy, plan: [{ anchor, offsetMs: SECOND, notBeforeMs: 0, reserve: false }] };
  expect(plannedTimes({ ...assignment, policy })).toEqual([{ atMs: s.T0 + SECOND, reserve: false }]);
});

describe('policyProblems', () => {
  test('the defaults are sound in every profile', () => {
    const settings = { ...s.SETTINGS, customOffsetsMs: [0, MINUTE, 23 * HOUR] };
    expect(POLICY_PROFILES.flatMap((profile) => policyProblems(profile, settings))).toEqual([]);
    expect(policyProblems('demo', { ...s.SETTINGS, windowMs: 24 * SECOND })).toEqual([]);
    expect(policyProblems('issued', s.SETTINGS)).toEqual([]);
  });

  test.each<[string, Parameters<typeof policyProblems>]>([
    ['VF_MAX_CALLS', ['issued', { ...s.SETTINGS, maxReads: 0 }]],
    ['VF_MAX_CALLS', ['issued', { ...s.SETTINGS, maxReads: 1.5 }]],
    ['VF_WINDOW', ['issued', { ...s.SETTINGS, windowMs: 31 * 24 * HOUR }]],
    ['VF_POLICY_MIN_GAP', ['issued', { ...s.SETTINGS, minGapMs: -1 }]],
    ['VF_POLICY_MIN_GAP', ['issued', { ...s.SETTINGS, minGapMs: 12 * HOUR }]],
    ['VF_POLICY_ERROR_BACKOFF', ['issued', { ...s.SETTINGS, errorBackoffMs: 0 }]],
    ['VF_POLICY_ERROR_BACKOFF', ['issued', { ...s.SETTINGS, errorBackoffMs: 24 * HOUR }]],
    ['needed by the profile custom', ['custom', s.SETTINGS]],
    ['needed by the profile custom', ['custom', { ...s.SETTINGS, customOffsetsMs: [] }]],
    ['has 4 offsets', ['custom', { ...s.SETTINGS, customOffsetsMs: [0, 1, 2, 3] }]],
    ['strictly increasing', ['custom', { ...s.SETTINGS, customOffsetsMs: [0, 5, 5] }]],
    ['inside VF_WINDOW', ['custom', { ...s.SETTINGS, customOffsetsMs: [0, 24 * HOUR] }]],
    ['inside VF_WINDOW', ['custom', { ...s.SETTINGS, customOffsetsMs: [-1] }]],
  ])('says %s once, and what to do', (text, [profile, settings]) => {
    expect(policyProblems(profile, settings)).toEqual([expect.stringContaining(text)]);
  });

  test('every problem is reported at once', () => {
    const settings = { ...s.SETTINGS, maxReads: 0, windowMs: 0, customOffsetsMs: [5, 1] };
    expect(policyProblems('custom', settings)).toHaveLength(7);
  });
});
