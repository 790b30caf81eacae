import { SEARCH_ATTRIBUTES, STAGES, WORKFLOW_TYPE } from '../contracts/workflow.ts';
import { REASONS } from '../domain/reasons.ts';
import { OUTCOMES } from '../domain/verdict.ts';
import { UsageError } from './errors.ts';

export type ListFilter = {
  readonly outcome?: string;
  readonly stage?: string;
  /** Code of the first reason. */
  readonly reason?: string;
  /** Started or ended since then: RFC 3339, or a duration such as `2h` back from now. */
  readonly since?: string;
  /** Running, with a deadline no later than this: a duration such as `1h` from now. */
  readonly expiring?: string;
  readonly running?: true;
  /** At least one read counts. */
  readonly read?: true;
  /** What may stand for one business number. */
  readonly bizKeys?: readonly string[];
  /** Further condition in the query language of Temporal's visibility. */
  readonly query?: string;
};

const BACK_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The visibility query of a filter. Throws `UsageError` for values that no verification can have. */
export function listQuery(filter: ListFilter, nowMs: number): string {
  const { outcome, stage, reason, readsCounted, deadline, bizKey } = SEARCH_ATTRIBUTES;
  const conditions = [`WorkflowType = '${WORKFLOW_TYPE}'`];
  if (filter.outcome !== undefined) conditions.push(`${outcome.name} = '${oneOf('--outcome', filter.outcome, OUTCOMES)}'`);
  if (filter.stage !== undefined) conditions.push(`${stage.name} = '${oneOf('--stage', filter.stage, STAGES)}'`);
  if (filter.reason !== undefined) conditions.push(`${reason.name} = '${oneOf('--with-reason', filter.reason, Object.keys(REASONS))}'`);
  if (filter.since !== undefined) {
    conditions.push(sinceCondition(new Date(instantMs('--since', { text: filter.since, nowMs })).toISOString()));
  }
  if (filter.running === true || filter.expiring !== undefined) conditions.push(`ExecutionStatus = 'Running'`);
  if (filter.expiring !== undefined) conditions.push(`${deadline.name} <= '${expiringInstant(filter.expiring, nowMs)}'`);
  if (filter.read === true) conditions.push(`${readsCounted.name} >= 1`);
  if (filter.bizKeys !== undefined) conditions.push(`${bizKey.name} IN (${filter.bizKeys.map((key) => `'${key}'`).join(', ')})`);
  if (filter.query !== undefined) conditions.push(`(${ownCondition(filter.query)})`);
  return conditions.join(' AND ');
}

/** What `--since` of every command means. */
export const SINCE_HELP = 'started or ended since then: RFC 3339, or a duration such as 2h or 7d';

/** The search attributes that `--query` may name. */
export function searchableNames(): readonly string[] {
  return Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);
}

/** A verification may wait for hours and so end long after it started, hence either instant will do. */
function sinceCondition(instant: string): string {
  return `(StartTime >= '${instant}' OR CloseTime >= '${instant}')`;
}

function ownCondition(text: string): string {
  if (text.trim() === '') throw new UsageError('--query: it is empty; write a condition, or leave --query away');
  return text;
}

function oneOf(option: string, text: string, values: readonly string[]): string {
  const value = values.find((candidate) => candidate === text.toUpperCase());
  if (value === undefined) throw new UsageError(`${option}: "${text}" is none of ${values.join(', ')}`);
  return value;
}

function expiringInstant(text: string, nowMs: number): string {
  const aheadMs = durationMs(text);
  if (aheadMs === undefined) throw new UsageError(`--expiring: "${text}" is no duration (1h, 30m, 2d)`);
  return new Date(nowMs + aheadMs).toISOString();
}

function durationMs(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? BACK_MS[unit] : undefined;
  return unitMs === undefined ? undefined : Number(count) * unitMs;
}

/** Epoch ms of an instant, or of a duration back from now. Throws `UsageError` naming the option. */
export function instantMs(option: string, { text, nowMs }: { readonly text: string; readonly nowMs: number }): number {
  const backMs = durationMs(text);
  const atMs = backMs === undefined ? Date.parse(text) : nowMs - backMs;
  if (Number.isNaN(atMs)) throw new UsageError(`${option}: "${text}" is neither an instant (2026-01-31T12:00:00Z) nor a duration (2h)`);
  return atMs;
}
