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
  /** Further condition in the query language of Temporal's visibility. */
  readonly query?: string;
};

const BACK_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The visibility query of a filter. Throws `UsageError` for values that no verification can have. */
export function listQuery(filter: ListFilter, nowMs: number): string {
  const { outcome, stage, reason } = SEARCH_ATTRIBUTES;
  const conditions = [`WorkflowType = '${WORKFLOW_TYPE}'`];
  if (filter.outcome !== undefined) conditions.push(`${outcome.name} = '${oneOf('--outcome', filter.outcome, OUTCOMES)}'`);
  if (filter.stage !== undefined) conditions.push(`${stage.name} = '${oneOf('--stage', filter.stage, STAGES)}'`);
  if (filter.reason !== undefined) conditions.push(`${reason.name} = '${oneOf('--with-reason', filter.reason, Object.keys(REASONS))}'`);
  if (filter.since !== undefined)
    conditions.push(sinceCondition(new Date(instantMs('--since', { text: filter.since, nowMs })).toISOString()));
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

/** Epoch ms of an instant, or of a duration back from now. Throws `UsageError` naming the option. */
export function instantMs(option: string, { text, nowMs }: { readonly text: string; readonly nowMs: number }): number {
  const back = /^(\d{1,6})([smhd])$/.exec(text);
  const unit = back?.[2];
  const unitMs = unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? BACK_MS[unit] : undefined;
  const atMs = unitMs === undefined ? Date.parse(text) : nowMs - Number(back?.[1]) * unitMs;
  if (Number.isNaN(atMs)) throw new UsageError(`${option}: "${text}" is neither an instant (2026-01-31T12:00:00Z) nor a duration (2h)`);
  return atMs;
}
