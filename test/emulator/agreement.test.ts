import { afterAll, beforeAll, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve, readScheduled } from '../../src/domain/evolve.ts';
import { initialState } from '../../src/domain/state.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { expectedOf, SCENARIOS } from '../../src/emulator/scenarios.ts';
import { createFaceIdClient, type FaceIdClient } from '../../src/faceid/client.ts';
import { assignmentWith, T0 } from '../domain/samples.ts';
import { API_KEY, API_SECRET, clock, DAY_MS, emulator, type Fixture } from './fixture.ts';

// Every scenario, played over HTTP against the real client and the real rules: what comes out is what the emulator says
// must come out. Time is virtual, so a day takes no longer than its answers.

const time = clock(T0);
let vendor: Fixture;
let client: FaceIdClient;

beforeAll(async () => {
  vendor = await emulator({ now: time.now });
  client = createFaceIdClient({ baseUrl: vendor.baseUrl, apiKey: API_KEY, apiSecret: API_SECRET, timeoutMs: 700, now: time.now });
});
afterAll(async () => {
  await client.close();
  await vendor.close();
});

/** Scenarios of which the request must name a business number, and which. */
const BIZ_NO: Readonly<Record<string, string>> = { 'review-biz-mismatch': 'order-1', 'review-biz-number': '1934567890123456789' };

async function live(scenario: string): Promise<{ verdict: Verdict; requests: number }> {
  const issuedAtMs = time.now();
  const token = mintToken({ scenario, issuedAtMs });
  const bizNo = BIZ_NO[scenario];
  let state = initialState({
    ...assignmentWith(),
    issuedAtMs,
    admittedAtMs: issuedAtMs,
    tokenExpiresAtMs: issuedAtMs + 3_600_000,
  });
  let requests = 0;
  for (;;) {
    const decision = decide(state, time.now());
    if (decision.kind === 'FINISH') return { verdict: decision.verdict, requests };
    if (decision.kind === 'WAIT') {
      time.forward(decision.untilMs - time.now());
      continue;
    }
    state = evolve(state, readScheduled(decision, time.now()));
    requests += 1;
    const query = { token, returnImage: 0, notAfterMs: issuedAtMs + DAY_MS, ...(bizNo === undefined ? {} : { bizNo }) } as const;
    const report = await client.getResult(query);
    state = evolve(state, { kind: 'READ_ENDED', atMs: time.now(), report });
  }
}

/** `<n>` stands for a number: one below the quota, and the quota. */
const NAMES = SCENARIOS.flatMap(({ name }) => {
  if (name.includes('<ms>')) return [];
  return name.includes('<n>') ? [2, 3].map((number) => name.replace('<n>', String(number))) : [name];
}).filter((name) => !name.startsWith('not-started-'));

test.each(NAMES)('%s ends as the emulator says', async (scenario) => {
  const expected = expectedOf(scenario);
  const { verdict, requests } = await live(scenario);
  const codes = verdict.reasons.map(({ code }) => code);
  // Of a session that did not come about the judge names the status first, the emulator what was behind it.
  const reason = verdict.outcome === 'NOT_COMPLETED' ? codes.find((code) => code === expected?.reason) : (codes[0] ?? null);
  expect([verdict.outcome, reason]).toEqual([expected?.outcome, expected?.reason]);
  expect(requests).toBeLessThanOrEqual(8);
});

test('no token was read more than three times, credible refusals aside', () => {
  expect(vendor.summary()).toMatchObject({ overQuota: 0, afterWindow: 0 });
});
