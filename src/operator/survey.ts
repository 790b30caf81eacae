import { defined } from '../domain/defined.ts';
import { type ListFilter, listQuery } from './list-query.ts';
import type { Counter, Progress, ProgressReader, VerificationReader, VerificationRow } from './ports.ts';

/** Histories that are looked into for one list at most: each is two requests to Temporal. */
export const LOOKED_INTO_AT_MOST = 500;
/** Rows that are sorted at most. */
const SORTED_AT_MOST = 5_000;
const AT_ONCE = 10;

export type SurveyFilter = ListFilter & {
  /** Only those with a read that no worker takes: reads are held, or none runs. */
  readonly held?: true;
  /** Only those with a read of which nobody knows whether the vendor looked. */
  readonly uncertain?: true;
  readonly sort?: 'deadline';
  readonly limit: number;
};

export type SurveyPorts = Counter & ProgressReader & { readonly reader: Pick<VerificationReader, 'list'> };
export type SurveyRow = VerificationRow & { readonly progress?: Progress };
/** `notes`: what the list does not show, for people. */
export type Survey = { readonly rows: readonly SurveyRow[]; readonly notes: readonly string[] };

/** The query of a filter. Throws `UsageError` for values that no verification can have. */
export function surveyQuery(filter: SurveyFilter, nowMs: number): string {
  const { held, uncertain, ...rest } = filter;
  return listQuery({ ...rest, ...defined({ running: held, read: uncertain }) }, nowMs);
}

/**
 * Verifications by what visibility knows, and by what only histories tell. The second costs requests, so no more than
 * {@link LOOKED_INTO_AT_MOST} are looked into; where that leaves something out, a note says so.
 */
export async function survey(
  ports: SurveyPorts,
  asked: { readonly filter: SurveyFilter; readonly query: string; readonly nowMs: number },
): Promise<Survey> {
  const { filter, query, nowMs } = asked;
  const selects = filter.held === true || filter.uncertain === true;
  const listing = { query, limit: selects ? LOOKED_INTO_AT_MOST : filter.limit };
  const found = filter.sort === 'deadline' ? await nearest(ports, { ...listing, nowMs }) : await collected(ports, listing);
  const looked = await lookedInto(ports, found.rows);
  const rows = looked.filter(({ progress }) => !selects || isSelected(progress, filter)).slice(0, filter.limit);
  return { rows, notes: [...found.notes, ...(await leftOut(ports, { query, selects, found: found.rows.length }))] };
}

async function leftOut(
  ports: Counter,
  { query, selects, found }: { readonly query: string; readonly selects: boolean; readonly found: number },
): Promise<readonly string[]> {
  if (!selects) {
    return found > LOOKED_INTO_AT_MOST ? [`next reads are told of the first ${LOOKED_INTO_AT_MOST} alone`] : [];
  }
  if (found < LOOKED_INTO_AT_MOST) return [];
  const all = await ports.count(query);
  return all > found ? [`looked into ${found} of ${all}; narrow it with --expiring, --since or --query`] : [];
}

function isSelected(progress: Progress | undefined, { held, uncertain }: SurveyFilter): boolean {
  if (progress === undefined) return false;
  return (held !== true || progress.parkedSince !== undefined) && (uncertain !== true || progress.uncertainReads > 0);
}

type Found = { readonly rows: readonly VerificationRow[]; readonly notes: readonly string[] };
type Listing = { readonly query: string; readonly limit: number };

async function collected({ reader }: SurveyPorts, { query, limit }: Listing): Promise<Found> {
  const rows: VerificationRow[] = [];
  for await (const row of reader.list(query, limit)) rows.push(row);
  return { rows, notes: [] };
}

const MINUTE_MS = 60_000;
/** Visibility sorts by start alone. Deadlines within these times of now are counted first, until enough are found. */
const HORIZONS_MS = [15, 60, 4 * 60, 12 * 60, 48 * 60].map((minutes) => minutes * MINUTE_MS);

/** The nearest deadlines first. */
export async function nearest(ports: SurveyPorts, { query, limit, nowMs }: Listing & { readonly nowMs: number }): Promise<Found> {
  const within = await horizonFor(ports, { query, limit, nowMs });
  const all = await collected(ports, { query: within, limit: SORTED_AT_MOST });
  const rows = all.rows.toSorted((one, other) => deadlineOf(one) - deadlineOf(other)).slice(0, limit);
  const notes =
    all.rows.length === SORTED_AT_MOST ? [`sorted among the newest ${SORTED_AT_MOST} alone; narrow it with --expiring or --query`] : [];
  return { rows, notes };
}

async function horizonFor(ports: Counter, { query, limit, nowMs }: Listing & { readonly nowMs: number }): Promise<string> {
  for (const horizonMs of HORIZONS_MS) {
    const within = `${query} AND VfDeadline <= '${new Date(nowMs + horizonMs).toISOString()}'`;
    if ((await ports.count(within)) >= limit) return within;
  }
  return query;
}

function deadlineOf({ deadlineAt }: VerificationRow): number {
  return deadlineAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(deadlineAt);
}

/** In their order. */
async function lookedInto(ports: ProgressReader, rows: readonly VerificationRow[]): Promise<readonly SurveyRow[]> {
  const looked: SurveyRow[] = [];
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const some = rows.slice(from, from + AT_ONCE);
    looked.push(
      ...(await Promise.all(
        some.map(async (row, index) => await withProgress(ports, { row, isNear: from + index < LOOKED_INTO_AT_MOST })),
      )),
    );
  }
  return looked;
}

/** Of what has ended without a read there is nothing to learn. */
async function withProgress(
  ports: ProgressReader,
  { row, isNear }: { readonly row: VerificationRow; readonly isNear: boolean },
): Promise<SurveyRow> {
  const tells = row.status === 'RUNNING' || (row.readsCounted ?? 0) > 0;
  const progress = isNear && tells ? await ports.progress(row.workflowId) : undefined;
  return progress === undefined ? row : { ...row, progress };
}
