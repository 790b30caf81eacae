import { LATE, withTimeout } from '../../async/timeout.ts';
import { durationText } from '../../contracts/text/duration.ts';
import { SEARCH_ATTRIBUTES, type Stage, STAGES } from '../../contracts/workflow.ts';
import { OUTCOMES, type OutcomeKind } from '../../domain/verdict.ts';
import { listQuery } from '../list-query.ts';
import type { LagReader, TopicLag } from '../ports.ts';
import { nearest, type SurveyPorts, type SurveyRow } from '../survey.ts';

/** Over this time rates are counted. */
export const RATE_OVER_MS = 60_000;
const DEADLINES = 5;

/** What Temporal's visibility knows of all verifications, at one moment. */
export type Overview = {
  readonly running: number;
  readonly stages: Readonly<Record<Stage, number>>;
  /** How many of the running ones have how many counted reads: from 0 to as many as there may be. */
  readonly bySlot: readonly number[];
  /** Within the last minute. */
  readonly started: number;
  readonly ended: Readonly<Record<OutcomeKind | 'NONE', number>>;
  /** The running ones with the nearest deadlines. */
  readonly nearest: readonly SurveyRow[];
};

/** One look: each part was seen, or its dependency did not answer. */
export type Snapshot = { readonly atMs: number; readonly overview: Seen<Overview>; readonly lag: Seen<readonly TopicLag[]> };
export type Seen<T> = { readonly kind: 'SEEN'; readonly value: T } | { readonly kind: 'AWAY'; readonly why: string };

/** Asks visibility, which may lag by a second or so, about twenty times. */
export async function overviewOf(
  ports: SurveyPorts,
  { nowMs, maxReads }: { readonly nowMs: number; readonly maxReads: number },
): Promise<Overview> {
  const { stage, readsCounted, outcome } = SEARCH_ATTRIBUTES;
  const all = listQuery({}, nowMs);
  const running = listQuery({ running: true }, nowMs);
  const since = new Date(nowMs - RATE_OVER_MS).toISOString();
  const closed = `${all} AND CloseTime >= '${since}'`;
  const slots = Array.from({ length: maxReads + 1 }, (_, slot) => slot);
  const [total, started, stopped, stages, bySlot, outcomes, near] = await Promise.all([
    ports.count(running),
    ports.count(`${all} AND StartTime >= '${since}'`),
    ports.count(closed),
    Promise.all(STAGES.map((one) => ports.count(`${running} AND ${stage.name} = '${one}'`))),
    Promise.all(slots.map((slot) => ports.count(`${running} AND ${readsCounted.name} = ${slot}`))),
    Promise.all(OUTCOMES.map((one) => ports.count(`${closed} AND ${outcome.name} = '${one}'`))),
    nearest(ports, { query: running, limit: DEADLINES, nowMs }),
  ]);
  const [WAITING = 0, READING = 0, HELD = 0, DECIDED = 0] = stages;
  const [PASSED = 0, FAILED = 0, NEEDS_REVIEW = 0, NOT_COMPLETED = 0, EXPIRED = 0, ERROR = 0] = outcomes;
  const known = outcomes.reduce((sum, count) => sum + count, 0);
  return {
    running: total,
    stages: { WAITING, READING, HELD, DECIDED },
    bySlot,
    started,
    ended: { PASSED, FAILED, NEEDS_REVIEW, NOT_COMPLETED, EXPIRED, ERROR, NONE: Math.max(0, stopped - known) },
    nearest: near.rows,
  };
}

/** What a part is asked of; opened when first needed, and opened again after it failed. */
export type Source<T> = { use<R>(work: (ports: T) => Promise<R>): Promise<R>; close(): Promise<void> };

export type WatchSources = { readonly temporal: Source<SurveyPorts>; readonly kafka: Source<LagReader> };

export type Look = {
  now(): number;
  readonly maxReads: number;
  /** A part that has not answered by then counts as away; what it answers later comes with a later look. */
  readonly patienceMs: number;
};

/** Never rejects for want of a dependency: what is away says so, and the rest is shown. */
export async function snapshotOf(sources: WatchSources, { now, maxReads, patienceMs }: Look): Promise<Snapshot> {
  const nowMs = now();
  const [overview, lag] = await Promise.all([
    seen(
      sources.temporal.use(async (ports) => await overviewOf(ports, { nowMs, maxReads })),
      patienceMs,
    ),
    seen(
      sources.kafka.use(async (ports) => await ports.lag()),
      patienceMs,
    ),
  ]);
  return { atMs: now(), overview, lag };
}

async function seen<T>(looking: Promise<T>, patienceMs: number): Promise<Seen<T>> {
  try {
    const value = await withTimeout(looking, patienceMs);
    return value === LATE ? { kind: 'AWAY', why: `no answer within ${durationText(patienceMs)}` } : { kind: 'SEEN', value };
  } catch (error) {
    // Whatever it is: a watch that ends tells nothing any more.
    return { kind: 'AWAY', why: error instanceof Error ? error.message : 'unknown error' };
  }
}
