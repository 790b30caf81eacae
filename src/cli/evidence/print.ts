import type { Beyond } from '../../operator/evidence/beyond.ts';
import {
  ERASE_ACTIONS,
  type EraseAction,
  type EraseFinish,
  type EraseLine,
  type EraseResult,
  type EraseWork,
  plannedIn,
} from '../../operator/evidence/erase-journal.ts';
import type { ErasedLine } from '../../operator/evidence/erase.ts';

const ACTION_WIDTH = 7;
/** Named only where there are some. */
const RARE: ReadonlySet<EraseAction> = new Set(['UNREADABLE']);

const WHY: Readonly<Record<EraseAction, (objects: number) => string>> = {
  ERASE: (objects) => `its key and ${objects} objects`,
  ALREADY: (objects) => (objects === 0 ? 'erased before, nothing is left' : `erased before, ${objects} objects are left to delete`),
  NOTHING: () => 'nothing was ever kept; what comes later will not be kept either',
  HELD: () => 'on legal hold: verdictflow evidence release lifts it',
  UNREADABLE: () => 'left alone: its key record is none; restore it or move it away',
};

export function eraseLineText({ verificationId, action, objects }: EraseLine): string {
  return `${verificationId}  ${action.padEnd(ACTION_WIDTH)}  ${WHY[action](objects)}\n`;
}

export function erasePlanText(actions: ReadonlyMap<EraseAction, number>): string {
  const told = ERASE_ACTIONS.filter((action) => !RARE.has(action) || actions.has(action));
  return `${plannedIn(actions)} verifications: ${told.map((action) => `${actions.get(action) ?? 0} ${action}`).join(', ')}\n`;
}

/** What became of all lines of a journal so far. `unaudited` are among the others; `failed` are those of this attempt. */
export type EraseTally = Readonly<Record<'erased' | 'already' | 'nothing' | 'held' | 'unreadable' | 'unaudited' | 'failed', number>>;

const NO_ERASURES: EraseTally = { erased: 0, already: 0, nothing: 0, held: 0, unreadable: 0, unaudited: 0, failed: 0 };
const COUNTED_AS: Readonly<Record<EraseResult, keyof EraseTally>> = {
  ERASED: 'erased',
  ALREADY: 'already',
  NOTHING: 'nothing',
  HELD: 'held',
};

/** Of the finished ones, and of those that the plan left alone. */
export function eraseTally({ finished, actions }: Pick<EraseWork, 'finished' | 'actions'>): EraseTally {
  const leftAlone = { held: actions.get('HELD') ?? 0, unreadable: actions.get('UNREADABLE') ?? 0 };
  return [...finished.values()].reduce<EraseTally>(addErasure, { ...NO_ERASURES, ...leftAlone });
}

export function addErasure(tally: EraseTally, ended: EraseFinish | { readonly failed: string }): EraseTally {
  if ('failed' in ended) return { ...tally, failed: tally.failed + 1 };
  const key = COUNTED_AS[ended.result];
  return { ...tally, [key]: tally[key] + 1, unaudited: tally.unaudited + Number(!ended.audited) };
}

/** The report, each that needs somebody with what to do. */
export function eraseTallyText({ erased, already, nothing, held, unreadable, unaudited, failed }: EraseTally): string {
  const parts = [`${erased} erased`, `${already} already were`, `${nothing} had nothing`];
  const remedies = [
    [held, 'on legal hold (verdictflow evidence release, then again)'],
    [unreadable, 'without a readable key record (restore it or move it away, then again)'],
    [unaudited, 'not on record (the audit or outcome topic refuses the record: the line above says why)'],
    [failed, 'failed (the line above says why; the same --journal tries them again)'],
  ] as const;
  return [...parts, ...remedies.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]))].join(', ');
}

/** What became of a line, if people need to be told: that it was erased is what they expect. */
export function erasedText(ended: ErasedLine): string | undefined {
  const { verificationId } = ended.line;
  if ('failed' in ended) return `${verificationId}  failed: ${ended.failed}\n`;
  if (ended.why !== undefined) return `${verificationId}  ${ended.result}, not on record: ${ended.why}\n`;
  return ended.result === 'HELD' ? `${verificationId}  HELD: ${WHY.HELD(0)}\n` : undefined;
}

/** The same for programs, which are told everything. */
export function erasedJson(ended: ErasedLine): object {
  const { verificationId } = ended.line;
  if ('failed' in ended) return { verificationId, result: 'FAILED', why: ended.failed };
  const { result, audited, why, erasure } = ended;
  const { keysDeleted, objectsDeleted } = erasure;
  return { verificationId, result, audited, keysDeleted, objectsDeleted, ...(why === undefined ? {} : { why }) };
}

export function beyondText(beyond: readonly Beyond[]): string {
  const lines = beyond.map(({ where, what, command }) => `  ${where}: ${what}\n      ${command}\n`);
  return `\nNot erased by this (docs/privacy.md):\n${lines.join('')}`;
}
