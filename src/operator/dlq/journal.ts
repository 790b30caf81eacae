import { z } from 'zod';
import { DEAD_LETTER_REASONS } from '../../contracts/dead-letter-reasons.ts';
import type { Mandate } from '../../contracts/mandate.ts';
import { defined } from '../../domain/defined.ts';
import { UsageError } from '../errors.ts';
import { journalSteps, mandateFields } from '../journal-steps.ts';
import type { JournalFile } from '../replay/ports.ts';
import { REDRIVE_CODES, type RedriveLine, type RedriveTerms } from './plan.ts';

const count = z.int().min(0);
const receipt = z.object({ topic: z.string(), partition: count, offset: z.string() });

/** `why` of a refusal is not kept: a refused letter is never sent. */
const line: z.ZodType<RedriveLine> = z.object({
  place: z.string(),
  digest: z.string(),
  code: z.enum(REDRIVE_CODES),
  from: z.string().exactOptional(),
  reason: z.enum(DEAD_LETTER_REASONS).exactOptional(),
  verificationId: z.string().exactOptional(),
});

/** The steps of a redrive, one a line; places and codes only, nothing of a record. */
const step = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('REDRIVE_ORDER'),
    v: z.literal(1),
    at: z.string(),
    topic: z.string(),
    ...mandateFields,
    terms: z.object({ maxRedrives: count, again: z.boolean() }),
  }),
  z.object({ kind: z.literal('PLANNED'), line }),
  /** `partial`: part of the topic could not be read. */
  z.object({ kind: z.literal('PLAN_COMPLETE'), letters: count, partial: z.literal(true).exactOptional() }),
  /** Kafka has the record. */
  z.object({ kind: z.literal('SENT'), place: z.string(), at: z.string(), receipt, redrives: count }),
  z.object({ kind: z.literal('DONE'), place: z.string() }),
  /** Sent, but its audit record is refused for ever. */
  z.object({ kind: z.literal('UNAUDITED'), place: z.string(), why: z.string() }),
  z.object({ kind: z.literal('SKIPPED'), place: z.string(), why: z.string() }),
]);
export type RedriveStep = z.infer<typeof step>;
export type Sent = Pick<Extract<RedriveStep, { kind: 'SENT' }>, 'at' | 'receipt' | 'redrives'>;
export type RedriveFinish = 'DONE' | 'UNAUDITED' | 'SKIPPED';

const journal = journalSteps<RedriveStep>({ step, begins: 'REDRIVE_ORDER' });
export const { forget: forgetRedriveJournal, append: appendRedriveStep } = journal;

/** Who ordered it when, in which topic and on what terms. */
export type RedriveOrder = {
  readonly mandate: Mandate;
  readonly terms: RedriveTerms;
  readonly topic: string;
  readonly at: string;
};

/** A complete plan, and what became of it so far. */
export type RedriveWork = RedriveOrder & {
  readonly codes: ReadonlyMap<RedriveLine['code'], number>;
  /** Part of the topic could not be read: what stands there is not in the plan. */
  readonly partial?: true;
  readonly sent: ReadonlyMap<string, Sent>;
  readonly finished: ReadonlyMap<string, RedriveFinish>;
};

export type RedriveJournal = { readonly order?: RedriveOrder; readonly work?: RedriveWork };

/** Makes the file a journal of this order. Throws `UsageError` if it is somebody else's. */
export async function beginRedriveJournal(file: JournalFile, { mandate, ...order }: RedriveOrder): Promise<void> {
  await journal.forget(file);
  await journal.append(file, { kind: 'REDRIVE_ORDER', v: 1, ...order, ...mandate });
}

/** Reads the journal from its beginning. Throws `UsageError` if the file is something else, or its plan is not whole. */
export async function readRedriveJournal(file: JournalFile): Promise<RedriveJournal> {
  let order: RedriveOrder | undefined;
  let complete: Extract<RedriveStep, { kind: 'PLAN_COMPLETE' }> | undefined;
  let planned = 0;
  const codes = new Map<RedriveLine['code'], number>();
  const sent = new Map<string, Sent>();
  const finished = new Map<string, RedriveFinish>();
  for await (const next of journal.read(file)) {
    if (order === undefined && next?.kind !== 'REDRIVE_ORDER')
      throw new UsageError('--journal: this file is no journal of verdictflow dlq redrive');
    if (next?.kind === 'REDRIVE_ORDER') order = orderOf(next);
    if (next?.kind === 'PLANNED') {
      planned += 1;
      codes.set(next.line.code, (codes.get(next.line.code) ?? 0) + 1);
    }
    if (next?.kind === 'PLAN_COMPLETE') complete = next;
    if (next?.kind === 'SENT') sent.set(next.place, next);
    if (next?.kind === 'DONE' || next?.kind === 'UNAUDITED' || next?.kind === 'SKIPPED') finished.set(next.place, next.kind);
  }
  if (complete !== undefined && complete.letters !== planned)
    throw new UsageError(`--journal: ${planned} of the ${complete.letters} lines of its plan are readable; plan into a new file`);
  const work = order && complete && { ...order, codes, sent, finished, ...defined({ partial: complete.partial }) };
  return defined({ order, work });
}

/** The planned letters that are still to be sent or audited, as a stream. */
export async function* openRedrives(file: JournalFile, { finished }: Pick<RedriveWork, 'finished'>): AsyncGenerator<RedriveLine> {
  for await (const next of journal.read(file)) {
    if (next?.kind === 'PLANNED' && next.line.code === 'SEND' && !finished.has(next.line.place)) yield next.line;
  }
}

/** How many {@link openRedrives} yields. */
export function countOpenRedrives({ codes, finished }: RedriveWork): number {
  return (codes.get('SEND') ?? 0) - finished.size;
}

export type RedriveTally = { readonly sent: number; readonly skipped: number; readonly unaudited: number };

export function redriveTally(finished: Iterable<RedriveFinish>): RedriveTally {
  return [...finished].reduce(addRedrive, { sent: 0, skipped: 0, unaudited: 0 });
}

/** UNAUDITED counts as sent, too. */
export function addRedrive({ sent, skipped, unaudited }: RedriveTally, finish: RedriveFinish): RedriveTally {
  return {
    sent: sent + Number(finish !== 'SKIPPED'),
    skipped: skipped + Number(finish === 'SKIPPED'),
    unaudited: unaudited + Number(finish === 'UNAUDITED'),
  };
}

function orderOf({ operator, reason, ticket, terms, topic, at }: Extract<RedriveStep, { kind: 'REDRIVE_ORDER' }>): RedriveOrder {
  return { mandate: { operator, reason, ...defined({ ticket }) }, terms, topic, at };
}
