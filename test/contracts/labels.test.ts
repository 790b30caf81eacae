import { describe, expect, it } from 'vitest';
import { assignmentOf } from '../../src/contracts/assignment.ts';
import { grantText, orderText, readLabel, waitLabel } from '../../src/contracts/text/labels.ts';
import { staticDetails } from '../../src/contracts/text/summary.ts';
import { story } from '../../src/contracts/text/story.ts';
import { decide } from '../../src/domain/decide.ts';
import { defined } from '../../src/domain/defined.ts';
import type { ReplayOrder } from '../../src/domain/ledger/asking-run.ts';
import type { ReadReport } from '../../src/domain/reading/report.ts';
import { type Decision, type ReadRecord, type State, WAIT_REASONS, type WaitReason } from '../../src/domain/state.ts';
import { unreadOutcome } from '../support/sample-outcome.ts';
import { answer, HOUR_MS, inputAt, MINUTE_MS, PASSED_READ, PENDING_READ, UNCERTAIN_READ } from '../support/verification-input.ts';

const NOW = Date.parse('2026-01-05T14:00:00Z');
const INPUT = inputAt(NOW);

function wait(why: WaitReason, nextReadAtMs?: number): Extract<Decision, { kind: 'WAIT' }> {
  return { kind: 'WAIT', why, untilMs: nextReadAtMs ?? NOW + HOUR_MS, ...defined({ nextReadAtMs }) };
}

function stateWith(...reports: ReadReport[]): State {
  const reads = reports.map((report, index): ReadRecord => ({
    number: index + 1,
    scheduledAtMs: NOW + index * MINUTE_MS,
    trigger: 'SCHEDULE',
    report,
  }));
  return { assignment: assignmentOf(INPUT), reads, heard: [], cancelled: false };
}

const RULED: ReplayOrder = {
  operator: 'maria',
  reason: 'the picture is hers',
  requestedAt: '2026-01-05T14:00:00Z',
  homeRunId: 'run-1',
  ruling: { verdict: 'APPROVED', reviewer: 'maria', upon: 1 },
};

describe('labels', () => {
  it('say how to steer a run, but not one in which a person has decided', () => {
    expect(staticDetails(INPUT)).toContain('send the signal `hint`');
    expect(staticDetails({ ...INPUT, replay: RULED })).not.toContain('signal');
  });

  it('say which read it is', () => {
    expect(readLabel(2, 3)).toBe('read 2 of 3');
  });

  it('say what is waited for and when the next read is', () => {
    expect(waitLabel(wait('SESSION', NOW + 5 * MINUTE_MS), NOW)).toBe('waiting for the session to end, next read 14:05:00 UTC');
    expect(waitLabel(wait('DEADLINE'), NOW)).toBe('waiting for the deadline, no read is left to make, until 15:00 UTC');
  });

  it('say when a pause ends, never that it is short', () => {
    const atMs = NOW + 32 * MINUTE_MS;
    expect(waitLabel(wait('LEDGER_AWAY', atMs), NOW)).toBe('Temporal cannot say which reads were made, next read 14:32 UTC');
    expect(waitLabel(wait('STRUCK_OFF', atMs), NOW)).toBe('pausing after a read that was lost before it was made, next read 14:32 UTC');
    expect(waitLabel({ kind: 'WAIT', why: 'EMISSION_STOPPED', untilMs: atMs }, NOW)).toBe(
      'the emission was stopped by hand, sent again 14:32 UTC',
    );
  });

  it('fit the 120 characters that the UI shows, for every reason', () => {
    for (const why of WAIT_REASONS) {
      expect(waitLabel(wait(why, NOW + 20 * HOUR_MS), NOW).length).toBeLessThanOrEqual(120);
    }
  });
});

describe('the line of an order', () => {
  const order = { homeRunId: 'home', operator: 'jane', reason: 'vendor outage', requestedAt: '2026-01-05T13:00:00.000Z' };
  const ruling = { verdict: 'REJECTED', reviewer: 'mia', upon: 1 } as const;
  it.each<[ReplayOrder, string]>([
    [order, 'replay by jane: vendor outage'],
    [{ ...order, ticket: 'INC-7', repeats: ruling }, 'replay by jane: vendor outage (INC-7); it was rejected by hand by mia'],
    [{ ...order, operator: 'mia', reason: 'a mask', ruling }, 'rejected by hand by mia: a mask'],
    [
      { ...order, reason: 'a portrait', ticket: 'CASE-9', ruling: { ...ruling, verdict: 'APPROVED' } },
      'approved by hand by mia, entered by jane: a portrait (CASE-9)',
    ],
  ])('%j', (given, line) => {
    expect(orderText(given)).toBe(line);
  });

  it('a grant says whose it is', () => {
    const event = unreadOutcome(inputAt(NOW));
    const to = { workflowId: 'w', runId: 'r', activityId: '1' };
    const input = { v: 1, verificationId: 'x', revision: 2, event } as const;
    expect(grantText({ ...input, grantedTo: { ...to, replay: { ...order, ticket: 'CASE-9', ruling } } })).toBe(
      `revision 2, ${event.outcome}, granted to the decision of mia (CASE-9): vendor outage`,
    );
    expect(grantText({ ...input, grantedTo: { ...to, replay: order } })).toContain('granted to the replay of jane: vendor outage');
  });
});

describe('story', () => {
  const deadlineAtMs = NOW + 24 * HOUR_MS;

  it('tells every read, the next step and the deadline', () => {
    const state = stateWith(PENDING_READ, UNCERTAIN_READ, { kind: 'UNSENT', cause: 'CONNECT_FAILED', endedAt: '' });
    const text = story({ state, decision: wait('BACKOFF', NOW + HOUR_MS), deadlineAtMs, nowMs: NOW });
    expect(text).toContain('**Now** pausing after a read that failed, next read at 15:00 UTC');
    expect(text).toContain('- 1: 14:00:00 UTC, as planned: the vendor answered PROCESSING');
    expect(text).toContain('- 2: 14:01:00 UTC, as planned: no answer (TIMEOUT); it may have counted');
    expect(text).toContain('- 3: 14:02:00 UTC, as planned: not sent (CONNECT_FAILED); its slot is given back');
    expect(text).toContain('**Deadline** 6 Jan 14:00 UTC');
  });

  it('tells the outcome and where it was published', () => {
    const verdict = { outcome: 'PASSED', reasons: [], retryAdvice: 'NONE', riskLevel: 'LOW', comparisons: [] } as const;
    const chapter = {
      state: stateWith(PASSED_READ),
      decision: { kind: 'FINISH', verdict, decidedAtMs: NOW },
      deadlineAtMs,
      nowMs: NOW,
    } as const;
    expect(story(chapter)).toContain('**Outcome PASSED**, being published to Kafka');
    const emission = { topic: 'outcomes', partition: 2, offset: '9' };
    expect(story({ ...chapter, emission })).toContain('published as offset 9 of partition 2 of outcomes');
  });

  it('tells why in numbers, and never the business number', () => {
    const comparison = { name: 'result_ref1', confidence: 68.918, thresholds: { '1e-3': 64, '1e-4': 69 } };
    const state = {
      ...stateWith(answer({ comparisons: [comparison] })),
      assignment: assignmentOf(inputAt(NOW, { bizNo: 'order-secret' })),
    };
    const decision = decide(state, NOW);
    const text = story({ state, decision, deadlineAtMs, nowMs: NOW });
    expect(text).toContain(
      '**Outcome FAILED** (MATCH_BELOW_THRESHOLD), being published to Kafka\n\n**Why** result_ref1 68.918, needs 69 for 1e-4',
    );
    expect(text).not.toMatch(/\|---|\d\/\d|order-secret/);
  });

  it('tells what was kept of an answer, and what was not and why', () => {
    const reference = {
      kind: 'IMAGE_BEST',
      object: 'x/y',
      sha256: 'a',
      bytes: 5,
      contentType: 'image/jpeg',
      keyId: 'k',
      expiresAt: '',
    } as const;
    const failures = [{ kind: 'IMAGE_BEST_2', why: 'STORE_UNREACHABLE' }] as const;
    const report = { ...PASSED_READ, evidence: { references: [reference], failures } };
    const told = story({ state: stateWith(report), decision: wait('DEADLINE'), deadlineAtMs: NOW, nowMs: NOW });
    expect(told).toContain('the vendor answered OK; kept IMAGE_BEST; IMAGE_BEST_2 not kept (STORE_UNREACHABLE)');
  });

  it('tells of an emission that was stopped, and of its outcome', () => {
    const verdict = { outcome: 'PASSED', reasons: [], retryAdvice: 'NONE', riskLevel: 'LOW', comparisons: [] } as const;
    const state: State = { ...stateWith(PASSED_READ), emission: { verdict, decidedAtMs: NOW, stops: 1, stoppedAtMs: NOW } };
    const text = story({ state, decision: wait('EMISSION_STOPPED'), deadlineAtMs, nowMs: NOW });
    expect(text).toContain(
      '**Now** the emission was stopped by hand, sent again at 15:00 UTC\n\n**Outcome PASSED**, not confirmed by Kafka yet',
    );
  });

  it('uses nothing that the Temporal UI draws badly: no table, no fraction', () => {
    const text = story({ state: stateWith(PENDING_READ), decision: { kind: 'READ', slot: 2, trigger: 'HINT' }, deadlineAtMs, nowMs: NOW });
    expect(text).toContain('**Now** reading, 2 of 3');
    expect(text).not.toMatch(/\|---|\d\/\d/);
  });
});
