import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from './operator-runs.ts';
import type { StormRig } from './rig.ts';

const MANDATE = { operator: 'storm', reason: 'a storm' };
/** As a part of the window: a hold of half the day would leave nothing to read. */
const LONGEST_HOLD = 1 / 8;
/** How long after the answer to a hold a request may still begin. */
const HELD_AFTER_MS = 1_000;

/** While nobody may have begun a read; `untilMs` is absent as long as nobody has asked to resume. */
export type HeldSpan = { readonly fromMs: number; untilMs?: number };

/** Holds the gate for a while. Rejects if it is held already. */
export async function gateHold(rig: StormRig, { picks }: Pick<Operation, 'picks'>): Promise<void> {
  await hold(rig);
  await sleep(picks[2] * rig.windowMs * LONGEST_HOLD);
  await reopen(rig);
}

/** Resumes in the midst of a hold, and where there is none, right after one. */
export async function gateResume(rig: StormRig): Promise<void> {
  if ((await rig.gate.status()).state.phase !== 'HELD') await hold(rig);
  await resume(rig);
}

/** Resumes if it is held, by whomever: a canary may have met what it is held for. */
export async function reopen(rig: StormRig): Promise<void> {
  if ((await rig.gate.status()).state.phase === 'HELD') await resume(rig);
}

async function hold(rig: StormRig): Promise<void> {
  await rig.onGate(async () => {
    const answer = await rig.gate.order('hold', MANDATE);
    if (answer.result === 'REFUSED') throw new Error(answer.why);
    rig.held.push({ fromMs: Date.now() + HELD_AFTER_MS });
  });
}

async function resume(rig: StormRig): Promise<void> {
  await rig.onGate(async () => {
    for (const span of rig.held) span.untilMs ??= Date.now();
    const answer = await rig.gate.order('resume', MANDATE);
    if (answer.result === 'REFUSED') throw new Error(answer.why);
  });
}
