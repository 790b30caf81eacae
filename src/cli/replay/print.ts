import type { DependencyUnavailableError } from '../../contracts/errors.ts';
import type { VerificationResult } from '../../contracts/workflow.ts';
import { defined } from '../../domain/defined.ts';
import { outcomeEventId } from '../../domain/ids.ts';
import type { Executed } from '../../operator/replay/execute.ts';
import type { JournalCommand, Tally } from '../../operator/replay/journal.ts';
import { type PlanCode, type PlanLine, type PlanTotals, type ReplayAction, saidText, whyText } from '../../operator/replay/plan-line.ts';
import type { CliIo } from '../io.ts';
import { goOnText } from '../journaled.ts';
import { DEFAULT_RATE, type RunOptions } from './options.ts';

const ACTION_WIDTH = 9;
const OUTCOME_WIDTH = 34;
const READS_WIDTH = 22;
const WINDOW_WIDTH = 11;

/** One line a verification: id, action, present outcome, reads, window, why. */
export function planText(line: PlanLine): string {
  const cells = [
    line.verificationId,
    line.action.padEnd(ACTION_WIDTH),
    saidText(line.present).padEnd(OUTCOME_WIDTH),
    readsText(line).padEnd(READS_WIDTH),
    windowText(line).padEnd(WINDOW_WIDTH),
    whyText(line),
  ];
  return `${cells.join('  ').trimEnd()}\n`;
}

/** The same for programs. */
export function planJson(line: PlanLine): string {
  return jsonLine({ ...line, why: whyText(line) });
}

function readsText({ reads }: PlanLine): string {
  if (reads === undefined) return '–';
  return `${reads.used} of ${reads.limit} used${reads.atMost === 0 ? '' : `, ≤${reads.atMost} more`}`;
}

function windowText({ window }: PlanLine): string {
  if (window === undefined) return '–';
  if (window.leftMs === 0) return 'passed';
  const minutes = Math.floor(window.leftMs / 60_000);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes === 0 ? `${Math.floor(window.leftMs / 1_000)} s` : `${minutes} min`;
}

/** How each command is spoken of, and which actions its plans can have. */
export const SAID: Readonly<
  Record<JournalCommand, { readonly name: string; readonly many: string; readonly actions: readonly ReplayAction[] }>
> = {
  replay: { name: 'replay run', many: 'replays', actions: ['RE_EMIT', 'RE_DECIDE', 'READ', 'REFUSE'] },
  decide: { name: 'decide', many: 'decisions', actions: ['DECIDE', 'RE_EMIT', 'REFUSE'] },
};

export function totalsText({ verifications, actions, readsAtMost, unreadable }: PlanTotals, command: JournalCommand): string {
  const parts = SAID[command].actions.map((action) => `${actions[action]} ${action}`);
  const odd = unreadable === 0 ? '' : `; ${unreadable} cannot be read`;
  return `${verifications} ${verifications === 1 ? 'verification' : 'verifications'}: ${parts.join(', ')}; at most ${readsAtMost} vendor reads${odd}`;
}

export function tallyText({ started, skipped, unaudited }: Tally): string {
  return `${started} started, ${skipped} skipped${unaudited === 0 ? '' : `, ${unaudited} of the started not audited`}`;
}

/** What became of a line, if people need to be told: that it was started is what they expect. */
export function executedText(executed: Executed): string | undefined {
  if (executed.kind === 'STARTED') return undefined;
  const what = executed.kind === 'SKIPPED' ? 'skipped' : `started as run ${executed.run.runId}, not audited`;
  return `${executed.line.verificationId}  ${what}: ${executed.why}\n`;
}

/** The same for programs, which are told everything. */
export function executedJson(executed: Executed): string {
  const { verificationId, action } = executed.line;
  const run = 'run' in executed ? executed.run : {};
  const why = 'why' in executed ? { why: executed.why } : {};
  return jsonLine({ verificationId, action, result: executed.kind, ...run, ...why });
}

/** The outcome that a run brought, for people or for programs. `decided`: whether it is what a person decided now. */
export function outcomeText(
  verificationId: string,
  { outcome, emission }: VerificationResult,
  { json, decided }: { readonly json: boolean; readonly decided?: boolean | undefined },
): string {
  const { actor, retrieval } = outcome;
  const ceId = outcomeEventId(verificationId, outcome.revision);
  const reasons = outcome.reasons.map(({ code }) => code);
  if (json) {
    const said = { verificationId, ceId, outcome: outcome.outcome, reasons, callsUsed: retrieval.callsUsed, actor, emission };
    return jsonLine({ ...said, ...defined({ decided }) });
  }
  const who = actor.type === 'HUMAN' ? ` by ${actor.id ?? ''}` : '';
  const instead = decided === false ? ', which stands: your decision changed nothing' : '';
  return `${ceId}  ${[outcome.outcome, ...reasons].join(' ')}${who}${instead}\n`;
}

export function outageText({ message, dependency }: DependencyUnavailableError, command: JournalCommand): string {
  const whom = dependency === 'evidence' ? 'the stores of evidence' : 'Temporal';
  return `verdictflow ${command}: waiting for ${whom}: ${message}\n`;
}

/** The command that goes on with the journal at `path`. */
export function resumeCommand(path: string, { rate, command }: Pick<RunOptions, 'rate'> & { readonly command: JournalCommand }): string {
  return goOnText(SAID[command].name, { path, rate, usualRate: DEFAULT_RATE });
}

export function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

const REFUSALS_SHOWN_AT_MOST = 20;

export type Refusals = { add(line: PlanLine): void; end(): void };

/** Says what the command will not do: for people the first ones and how many there are, for programs each. */
export function createRefusals(
  io: CliIo,
  { json, command, aside }: { readonly json: boolean; readonly command: JournalCommand; readonly aside: (write: () => void) => void },
): Refusals {
  const counts = new Map<PlanCode, number>();
  let refused = 0;
  return {
    add(line) {
      const { verificationId, action, code } = line;
      if (action !== 'REFUSE') return;
      refused += 1;
      const alike = (counts.get(code) ?? 0) + 1;
      counts.set(code, alike);
      const why = whyText(line);
      // Refusals are usual, what cannot be read is not: it is told also after many others.
      const isShown = refused <= REFUSALS_SHOWN_AT_MOST || (code === 'UNREADABLE' && alike <= REFUSALS_SHOWN_AT_MOST);
      if (json) aside(() => io.stdout(jsonLine({ verificationId, action, code, why })));
      else if (isShown) aside(() => io.stderr(`${verificationId}  refused: ${why}\n`));
    },
    end() {
      if (json || refused <= REFUSALS_SHOWN_AT_MOST) return;
      const parts = [...counts].map(([code, count]) => `${count} ${code}`);
      io.stderr(`verdictflow ${command}: ${refused} refused: ${parts.join(', ')}\n`);
    },
  };
}
