import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { assignmentOf } from '../../src/contracts/assignment.ts';
import type { HintSignal, VerificationInput } from '../../src/contracts/workflow.ts';
import { decide } from '../../src/domain/decide.ts';
import { evolve, readScheduled } from '../../src/domain/evolve.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import type { RecoveredReads } from '../../src/domain/ledger/asking-run.ts';
import { ledgerRecords } from '../../src/domain/ledger/ledger.ts';
import { buildOutcomeEvent } from '../../src/domain/outcome.ts';
import { accountOf } from '../../src/domain/reading/slots.ts';
import { type Assignment, initialState, type State, type VerificationEvent, WAIT_REASONS } from '../../src/domain/state.ts';
import { anyScript, anyTrouble, type Script, type Trouble } from '../properties/generators.ts';
import { runs } from '../properties/runs.ts';
import { inputAt, iso } from '../support/verification-input.ts';
import { type Command, createVmRuns, RUN_ID, type VmRun } from '../support/vm-run.ts';

const RECEIPT = { topic: 'outcomes', partition: 0, offset: '1' };

describe('the bundled workflow', () => {
  let vm: Awaited<ReturnType<typeof createVmRuns>>;
  beforeAll(async () => {
    vm = await createVmRuns(inject('workflowBundlePath'));
  });
  afterAll(() => vm.close());

  it('asks for exactly what decide and evolve say, whatever happens', { timeout: 300_000 }, async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(anyScript, anyTrouble, async (script, trouble) => {
        const input = inputOf(script.assignment);
        const { run, commands } = await vm.start(input, script.assignment.admittedAtMs);
        try {
          await compare({ script, trouble, input, run, seen }, commands);
        } finally {
          await run.dispose();
        }
      }),
      runs(200),
    );
    const emissions = ['POSTPONED_EMISSION', 'RECOVERED_EMISSION', 'STOPPED_EMISSION'];
    const expected = ['ACTIVITY', 'CANCEL', 'COMPLETE', 'HINT', 'LOCAL_ACTIVITY', ...emissions, 'RECOVERED_READ', 'TIMER'];
    expect([...seen].toSorted()).toEqual([...expected, ...WAIT_REASONS].toSorted());
  });

  it('would be caught if it waited a millisecond less', async () => {
    const [script] = fc.sample(anyScript, { numRuns: 1, seed: 7 });
    if (script === undefined) throw new Error('fast-check gives one');
    const late = { ...script, assignment: { ...script.assignment, admittedAtMs: script.assignment.issuedAtMs } };
    const input = inputOf(late.assignment);
    const { run, commands } = await vm.start(input, late.assignment.admittedAtMs);
    const shifted = commands.map((command) =>
      command.kind === 'TIMER' ? { ...command, ms: command.ms - 1 } : { ...command, name: 'another' },
    );
    const none: Trouble = { atRead: -1, atEmissions: [], reads: [] };
    await expect(compare({ script: late, trouble: none, input, run, seen: new Set() }, shifted)).rejects.toThrow(/expected/);
    await run.dispose();
  });
});

type Comparison = {
  readonly script: Script;
  readonly trouble: Trouble;
  readonly input: VerificationInput;
  readonly run: VmRun;
  readonly seen: Set<string>;
};

/** Drives model and workflow side by side; after every step the workflow's commands must be the model's decision. */
async function compare({ script, trouble, input, run, seen }: Comparison, first: Command[]): Promise<void> {
  let state: State = initialState(assignmentOf(input));
  let nowMs = script.assignment.admittedAtMs;
  let commands = first;
  let reads = 0;
  let waits = 0;
  let emissions = 0;
  const record = (event: VerificationEvent): void => {
    state = evolve(state, event);
  };
  for (let step = 0; step < 1_500; step += 1) {
    for (const { kind } of commands) seen.add(kind === 'CANCEL_TIMER' ? 'TIMER' : kind);
    const acts = commands.filter(({ kind }) => kind !== 'CANCEL_TIMER');
    const decision = decide(state, nowMs);
    switch (decision.kind) {
      case 'READ': {
        const { answered, counted } = accountOf(state);
        const order = {
          slot: decision.slot,
          trigger: decision.trigger,
          countedReads: counted,
          answeredReads: answered,
          stamped: true,
          originalRunId: RUN_ID,
        };
        expect(acts).toEqual([{ kind: 'ACTIVITY', name: 'getResult', order: expect.objectContaining(order) }]);
        record(readScheduled(decision, nowMs));
        nowMs += cycle(script.readMs, reads);
        const answer = reads === trouble.atRead ? recoveredReads(trouble) : asJson(cycle(script.reports, reads));
        reads += 1;
        if (answer.kind === 'RECOVERED') seen.add('RECOVERED_READ');
        record(answer.kind === 'RECOVERED' ? learnt(answer, nowMs) : { kind: 'READ_ENDED', atMs: nowMs, report: answer });
        commands = await run.activityEnded(answer, nowMs);
        break;
      }
      case 'WAIT': {
        seen.add(decision.why);
        expect(acts).toEqual([{ kind: 'TIMER', ms: Math.max(1, decision.untilMs - nowMs) }]);
        const waited = await wait({ script, run, seen, record, state: () => state }, { nowMs, untilMs: decision.untilMs, waits });
        ({ nowMs, waits, commands } = waited);
        break;
      }
      case 'FINISH': {
        const { verdict, decidedAtMs } = decision;
        const workflowId = workflowIdOf(input.verificationId);
        const event = asJson(buildOutcomeEvent({ input, state, verdict, workflowId, runId: RUN_ID, nowMs: decidedAtMs }));
        const kind = decision.atOnce === true ? 'LOCAL_ACTIVITY' : 'ACTIVITY';
        expect(acts).toEqual([{ kind, name: 'emitOutcome', order: expect.objectContaining({ event }) }]);
        record({ kind: 'EMISSION_SCHEDULED', atMs: decidedAtMs, verdict });
        const instead = trouble.atEmissions[emissions];
        emissions += 1;
        if (instead !== undefined && decision.atOnce === true) {
          seen.add('POSTPONED_EMISSION');
          // Whatever a local activity answers but a receipt, the ordinary one sends the same.
          commands = await run.activityEnded({ kind: 'POSTPONED', why: 'KAFKA_SLOW' }, nowMs);
          break;
        }
        if (instead !== undefined) {
          seen.add(`${instead}_EMISSION`);
          const isStopped = instead === 'STOPPED';
          record(isStopped ? { kind: 'EMISSION_STOPPED', atMs: nowMs } : learnt(recoveredReads(trouble), nowMs));
          // Whoever ends an emission by hand has no receipt of Kafka.
          commands = await run.activityEnded(isStopped ? 'by hand' : recoveredReads(trouble), nowMs);
          break;
        }
        expect(await run.activityEnded(RECEIPT, nowMs)).toEqual([{ kind: 'COMPLETE', result: { outcome: event, emission: RECEIPT } }]);
        seen.add('COMPLETE');
        return;
      }
      default: {
        const unknown: never = decision;
        throw new Error(`unknown decision ${String(unknown)}`);
      }
    }
  }
  throw new Error('expected an end within 1500 steps');
}

type Wait = { script: Script; run: VmRun; seen: Set<string>; record: (event: VerificationEvent) => void; state: () => State };

/** Lets happenings come until one of them ends the wait: the workflow sleeps on through a hint that changes nothing. */
async function wait({ script, run, seen, record, state }: Wait, at: { nowMs: number; untilMs: number; waits: number }) {
  let { nowMs, waits } = at;
  for (;;) {
    const happening = script.happenings[waits] ?? { kind: 'JUMP', share: 1 };
    waits += 1;
    const leftMs = at.untilMs - nowMs;
    if (happening.kind === 'JUMP') {
      nowMs += Math.max(1, Math.ceil(leftMs * happening.share));
      return { nowMs, waits, commands: await run.timerFired(nowMs) };
    }
    if (leftMs <= 1) continue;
    nowMs += Math.min(leftMs - 1, Math.floor(leftMs * (happening.kind === 'HINT' ? happening.share : 0.5)));
    seen.add(happening.kind);
    if (happening.kind === 'CANCEL') {
      const wasCancelled = state().cancelled;
      record({ kind: 'CANCEL_REQUESTED', atMs: nowMs });
      const commands = await run.cancelled(nowMs);
      if (!wasCancelled) return { nowMs, waits, commands };
      continue;
    }
    const { hint: before } = state();
    const { recordedAtMs, ...hint } = happening.hint;
    record({ kind: 'HINT_RECEIVED', atMs: nowMs, hint: happening.hint });
    const signal: HintSignal = { ...hint, ...(recordedAtMs === undefined ? {} : { recordedAt: new Date(recordedAtMs).toISOString() }) };
    const commands = await run.signalled('hint', signal, nowMs);
    if (state().hint !== before) return { nowMs, waits, commands };
    expect(commands).toEqual([]);
  }
}

function recoveredReads({ reads }: Trouble): RecoveredReads {
  return asJson({ kind: 'RECOVERED', reads });
}

function learnt({ reads }: RecoveredReads, atMs: number): VerificationEvent {
  return { kind: 'LEDGER_RECOVERED', atMs, reads: ledgerRecords(reads) };
}

function inputOf(assignment: Assignment): VerificationInput {
  const { issuedAtMs, admittedAtMs, tokenExpiresAtMs, sessionEndedAtMs, policy, comparisons, verificationId } = assignment;
  return inputAt(admittedAtMs, {
    verificationId,
    issuedAt: iso(issuedAtMs),
    admittedAt: iso(admittedAtMs),
    tokenExpiresAt: iso(tokenExpiresAtMs),
    deadlineAt: iso(issuedAtMs + policy.windowMs),
    ...(sessionEndedAtMs === undefined ? {} : { sessionEndedAt: iso(sessionEndedAtMs) }),
    policy,
    comparisons,
  });
}

/** What is left of a value on its way through a history; JSON has no NaN. */
function asJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

function cycle<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('needs at least one item');
  return item;
}
