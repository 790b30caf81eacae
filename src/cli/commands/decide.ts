import type { Command } from 'commander';
import { operatorSchema } from '../../contracts/wire/replay-audit.ts';
import { defined } from '../../domain/defined.ts';
import type { Ruling } from '../../domain/ledger/asking-run.ts';
import { UsageError } from '../../operator/errors.ts';
import type { Given } from '../../operator/replay/journal.ts';
import type { ReplayMandate, RulingAsked } from '../../operator/replay/ports.ts';
import { UNASKED_AT_MOST } from '../agree.ts';
import { type CliContext, parseCount, parseRate } from '../context.ts';
import { isBlank, mandateOf, problemOf } from '../mandate.ts';
import { assertPlannable, DEFAULT_RATE, givenBy, type RunOptions } from '../replay/options.ts';
import { printPlan } from '../replay/plan.ts';
import { runReplays } from '../replay/run.ts';

type DecideOptions = Pick<RunOptions, 'file' | 'operator' | 'reason' | 'ticket' | 'rate' | 'yes' | 'journal' | 'dryRun' | 'json'> & {
  readonly approve?: true;
  readonly reject?: true;
  readonly reviewer?: string;
  readonly revision?: number;
  readonly override?: true;
};

const HELP = `
Publishes the next revision of the outcome: PASSED with MANUAL_APPROVED, or FAILED with MANUAL_REJECTED, in the name of the
reviewer. No vendor read is made. Only a NEEDS_REVIEW is decided, others with --override; nothing that is still running.
It holds against resets and replays; only another decision, with --override, takes it back. The same decision again
publishes the same record again. Of two people at once the first one decides, and the second is told.

DECIDE   the next revision, upon the outcome that the plan names and no other
RE_EMIT  it was decided so before: the same record again
REFUSE   it cannot be decided, or not without --override; the plan says why

--dry-run prints the plan. At a terminal it asks before it starts, unless --yes is given; elsewhere more than ${UNASKED_AT_MOST} need --yes.
It waits for the outcomes and prints them. The journal makes it resumable: run it again with the same --journal, and it goes
on where it stopped and decides nothing twice.
Exit code 1: something is refused, skipped or not audited, another outcome stands, or it was interrupted. 69: Temporal or Kafka
is away; go on with the same --journal. 64: wrong options.

Examples:
  $ verdictflow decide dwo7f5duyy4bp6gv3yi5xvnkk2 --approve --reviewer mia --reason "the second face is a portrait" --ticket CASE-9
  $ verdictflow decide dwo7f5duyy4bp6gv3yi5xvnkk2 --reject --reviewer mia --reason "a mask" --revision 1
  $ verdictflow decide --file reviewed.txt --approve --reviewer mia --reason "looked at each" --dry-run
  $ verdictflow decide --journal .verdictflow/decide-2026-01-15T10-00-00-000Z.ndjson --yes`;

export function registerDecide(program: Command, context: CliContext): void {
  program
    .command('decide [ids...]')
    .description('decide by hand what needs a review: approve or reject')
    .option('--approve', 'the next revision is PASSED')
    .option('--reject', 'the next revision is FAILED')
    .option('--reviewer <name>', 'who looked at it, no e-mail address; goes to the outcomes (required unless resuming)')
    .option('--reason <text>', 'why; goes to the outcomes and the audit topic (required unless resuming)')
    .option('--ticket <id>', 'where it was asked for')
    .option('--operator <name>', 'who enters it, no e-mail address (default: the reviewer)')
    .option('--revision <number>', 'the revision that was looked at: refused if it is no longer the latest', parseCount)
    .option('--override', 'decide also in the place of another outcome than NEEDS_REVIEW, or of a decision')
    .option('--file <path>', 'verification ids, one per line or as NDJSON; - is standard input')
    .option('--rate <per-second>', 'decisions started per second at most', parseRate, DEFAULT_RATE)
    .option('--yes', 'start without asking')
    .option('--journal <path>', 'file to resume from (default: .verdictflow/decide-<time>.ndjson)')
    .option('--dry-run', 'only print the plan')
    .option('--json', 'print one JSON document a line')
    .addHelpText('after', HELP)
    .action(async (ids: readonly string[], options: DecideOptions) => {
      context.exitCode = await decide(ids, { options, context });
    });
}

async function decide(
  ids: readonly string[],
  { options, context }: { readonly options: DecideOptions; readonly context: CliContext },
): Promise<number> {
  const given = givenTo(ids, options);
  const mandate = (): ReplayMandate => {
    if (given.selecting.length !== 1) throw new UsageError('say which verifications: ids, or --file');
    return decisionOf(options, context);
  };
  if (options.dryRun !== true) return await runReplays({ ids, options: { ...options, wait: true }, context, given, mandate });
  assertPlannable(given);
  return await printPlan(ids, { options, context, ...defined({ ruling: mandate().ruling }) });
}

function givenTo(ids: readonly string[], options: DecideOptions): Given {
  const { approve, reject, reviewer, revision, override } = options;
  const deciding = { '--approve': approve, '--reject': reject, '--reviewer': reviewer, '--revision': revision, '--override': override };
  return { ...givenBy(ids, options), command: 'decide', deciding: Object.keys(defined(deciding)) };
}

/** Who decides what, and why. Throws `UsageError`: nothing is decided without a name and a reason. */
function decisionOf(options: DecideOptions, context: CliContext): ReplayMandate {
  const { approve, reject, reviewer = '', revision, override, operator = reviewer } = options;
  const problems = [
    (approve === true) === (reject === true) ? '--approve or --reject: say which, and one of them' : undefined,
    isBlank(reviewer) ? '--reviewer: missing; say who looked at it' : problemOf('--reviewer', operatorSchema.safeParse(reviewer)),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  const verdict: Ruling['verdict'] = approve === true ? 'APPROVED' : 'REJECTED';
  const ruling: RulingAsked = { verdict, reviewer, ...defined({ revision, override }) };
  return { ...mandateOf({ ...options, operator }, { env: context.io.env, what: 'this is decided' }), ruling };
}
