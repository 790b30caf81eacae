import { z } from 'zod';
import type { Mandate } from '../../contracts/mandate.ts';
import { defined } from '../../domain/defined.ts';
import { UsageError } from '../errors.ts';
import { journalSteps, mandateFields } from '../journal-steps.ts';
import type { JournalFile } from '../replay/ports.ts';

/** What an erasure would do. `ALREADY`: the key is gone; what is left of the objects follows. `HELD`: nothing, it is on legal hold. `UNREADABLE`: nothing, its key record is none, so nobody knows whether it is. */
export const ERASE_ACTIONS = ['ERASE', 'ALREADY', 'NOTHING', 'HELD', 'UNREADABLE'] as const;
export type EraseAction = (typeof ERASE_ACTIONS)[number];

/** `objects`: how many are there to be deleted. */
export type EraseLine = { readonly verificationId: string; readonly action: EraseAction; readonly objects: number };

const count = z.int().min(0);
const line: z.ZodType<EraseLine> = z.object({ verificationId: z.string(), action: z.enum(ERASE_ACTIONS), objects: count });

/** What became of a line for good; one that failed stays open. */
const ERASE_RESULTS = ['ERASED', 'ALREADY', 'NOTHING', 'HELD'] as const;
export type EraseResult = (typeof ERASE_RESULTS)[number];

const verificationId = z.string();
const step = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ERASE_ORDER'),
    v: z.literal(1),
    at: z.string(),
    ...mandateFields,
    /** Where the outcomes are taken back as well. */
    tombstones: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal('PLANNED'), line }),
  z.object({ kind: z.literal('PLAN_COMPLETE'), verifications: count }),
  z.object({ kind: z.literal('DONE'), verificationId, result: z.enum(ERASE_RESULTS) }),
  /** Done, but its audit record or its tombstone is refused for ever. */
  z.object({ kind: z.literal('UNAUDITED'), verificationId, result: z.enum(ERASE_RESULTS), why: z.string() }),
]);
type EraseStep = z.infer<typeof step>;

const journal = journalSteps<EraseStep>({ step, begins: 'ERASE_ORDER' });
export const { forget: forgetEraseJournal, append: appendEraseStep } = journal;

export type EraseOrder = { readonly mandate: Mandate; readonly at: string; readonly tombstones?: string };

export type EraseFinish = { readonly result: EraseResult; readonly audited: boolean };

/** A complete plan, and what became of it so far. */
export type EraseWork = EraseOrder & {
  readonly actions: ReadonlyMap<EraseAction, number>;
  readonly finished: ReadonlyMap<string, EraseFinish>;
};

/** Makes the file a journal of this order. Throws `UsageError` if it is somebody else's. */
export async function beginEraseJournal(file: JournalFile, { mandate, ...order }: EraseOrder): Promise<void> {
  await journal.forget(file);
  await journal.append(file, { kind: 'ERASE_ORDER', v: 1, ...order, ...mandate });
}

/** Undefined: the journal is empty, or its plan was interrupted. Throws `UsageError` if the file is something else. */
export async function readEraseJournal(file: JournalFile): Promise<EraseWork | undefined> {
  let order: EraseOrder | undefined;
  let complete: number | undefined;
  const actions = new Map<EraseAction, number>();
  const finished = new Map<string, EraseFinish>();
  for await (const next of journal.read(file)) {
    if (order === undefined && next?.kind !== 'ERASE_ORDER')
      throw new UsageError('--journal: this file is no journal of verdictflow erase');
    if (next?.kind === 'ERASE_ORDER') order = orderOf(next);
    if (next?.kind === 'PLANNED') actions.set(next.line.action, (actions.get(next.line.action) ?? 0) + 1);
    if (next?.kind === 'PLAN_COMPLETE') complete = next.verifications;
    if (next?.kind === 'DONE' || next?.kind === 'UNAUDITED')
      finished.set(next.verificationId, { result: next.result, audited: next.kind === 'DONE' });
  }
  const planned = plannedIn(actions);
  if (complete !== undefined && complete !== planned)
    throw new UsageError(`--journal: ${planned} of the ${complete} lines of its plan are readable; plan into a new file`);
  return order && complete !== undefined ? { ...order, actions, finished } : undefined;
}

/** What is left alone, and only told. */
export function isLeftAlone(action: EraseAction): boolean {
  return action === 'HELD' || action === 'UNREADABLE';
}

/** The planned lines that are still to be done, as a stream. */
export async function* openErasures(file: JournalFile, { finished }: Pick<EraseWork, 'finished'>): AsyncGenerator<EraseLine> {
  for await (const next of journal.read(file))
    if (next?.kind === 'PLANNED' && !isLeftAlone(next.line.action) && !finished.has(next.line.verificationId)) yield next.line;
}

/** How many {@link openErasures} yields. */
export function countOpenErasures({ actions, finished }: EraseWork): number {
  return plannedIn(new Map([...actions].filter(([action]) => !isLeftAlone(action)))) - finished.size;
}

export function plannedIn(actions: ReadonlyMap<EraseAction, number>): number {
  return [...actions.values()].reduce((sum, number) => sum + number, 0);
}

function orderOf({ at, operator, reason, ticket, tombstones }: Extract<EraseStep, { kind: 'ERASE_ORDER' }>): EraseOrder {
  return { mandate: { operator, reason, ...defined({ ticket }) }, at, ...defined({ tombstones }) };
}
