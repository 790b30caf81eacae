import type { Command } from 'commander';
import { FAR_LEVELS } from '../../domain/policy.ts';
import { OUTCOMES } from '../../domain/verdict.ts';
import { searchableNames, SINCE_HELP } from '../../operator/list-query.ts';
import type { ReplayMandate } from '../../operator/replay/ports.ts';
import { UNASKED_AT_MOST } from '../agree.ts';
import { type CliContext, parseRate } from '../context.ts';
import { mandateOf } from '../mandate.ts';
import { assertPlannable, DEFAULT_RATE, givenBy, type PlanOptions, type RunOptions } from '../replay/options.ts';
import { printPlan } from '../replay/plan.ts';
import { runReplays } from '../replay/run.ts';

const HELP = `
RE_EMIT    the latest outcome again, byte for byte under its ce_id: no vendor read
RE_DECIDE  the reads made so far give another outcome, the next revision: no vendor read
READ       no verdict, but reads and time are left: at most as many reads as the plan says
REFUSE     a replay cannot bring anything; the plan says why

Selections come from Temporal's visibility store and may lag by a second or so.
--query takes its language, over ${searchableNames().join(', ')} and the built-in
attributes: --query "VfReason = 'VENDOR_UNAVAILABLE' AND VfCallsSpent < 3"
--file takes the ids only, also from a plan in JSON: give the --required-far or --comparisons of that plan again.`;

const PLAN_HELP = `${HELP}

Exit code 1: nothing was selected, something cannot be read, or it was interrupted. 64: wrong options. 69: Temporal is away.

Examples:
  $ verdictflow replay plan dwo7f5duyy4bp6gv3yi5xvnkk2
  $ verdictflow replay plan --outcome ERROR --since 2h
  $ verdictflow replay plan --outcome FAILED --with-reason MATCH_BELOW_THRESHOLD --required-far 1e-3 --json`;

const RUN_HELP = `${HELP}

Executes the plan except what it refuses, and says what that is. At a terminal it asks before it starts anything, unless --yes
is given; elsewhere more than ${UNASKED_AT_MOST} replays need --yes.
An outage of Temporal that begins while it works is waited for, until you interrupt it. One that is there at the start ends
it with 69 after 10 s; one of Kafka ends it with 69 at any time.
The journal makes it resumable: run it again with the same --journal, and it goes on where it stopped and starts nothing twice.
Counts and exit code are those of the whole journal.
Exit code 1: nothing was selected, everything is refused, something cannot be read, something was skipped (not started, because
the plan no longer held or it failed by itself) or not audited (started, but the audit topic refused the record), an outcome is
missing (--wait), or it was interrupted. 69: Temporal or Kafka is away; go on with the same --journal. 64: wrong options, or the
journal is locked or is none.

Examples:
  $ verdictflow replay run dwo7f5duyy4bp6gv3yi5xvnkk2 --reason "vendor outage" --ticket INC-7 --wait
  $ verdictflow replay run --outcome ERROR --since 2h --reason "vendor outage" --rate 20 --yes
  $ verdictflow replay run --journal .verdictflow/replay-2026-01-15T10-00-00-000Z.ndjson --yes`;

export function registerReplay(program: Command, context: CliContext): void {
  const replay = program.command('replay').description('repeat finished verifications: plan it, then run it');
  const plan = replay.command('plan [ids...]', { isDefault: true }).description('what a replay would do and cost; changes nothing');
  selectable(plan)
    .addHelpText('after', PLAN_HELP)
    .action(async (ids: readonly string[], options: PlanOptions) => {
      context.exitCode = await printPlan(ids, { options, context });
    });
  const run = replay.command('run [ids...]').description('start the replays that the plan does not refuse');
  selectable(run)
    .option('--reason <text>', 'why; goes to the outcomes and the audit topic (required unless resuming)')
    .option('--operator <name>', 'who orders it, no e-mail address (required unless resuming; default: $USER)')
    .option('--ticket <id>', 'where it was asked for')
    .option('--rate <per-second>', 'replays started per second at most', parseRate, DEFAULT_RATE)
    .option('--yes', 'start without asking')
    .option('--journal <path>', 'file to resume from (default: .verdictflow/replay-<time>.ndjson)')
    .option('--dry-run', 'only print the plan, as "replay plan" does')
    .option('--wait', 'wait for the outcomes and print them')
    .addHelpText('after', RUN_HELP)
    .action(async (ids: readonly string[], options: RunOptions) => {
      const given = givenBy(ids, options);
      if (options.dryRun === true) assertPlannable(given);
      const mandate = (): ReplayMandate => mandateOf(options, { env: context.io.env, what: 'this is replayed' });
      const replays = { ids, options, context, given, mandate };
      context.exitCode = await (options.dryRun === true ? printPlan(ids, { options, context }) : runReplays(replays));
    });
}

function selectable(command: Command): Command {
  return command
    .option('--file <path>', 'verification ids, one per line or as NDJSON; - is standard input')
    .option('--outcome <outcome>', `those with this outcome: ${OUTCOMES.join(', ')}`)
    .option('--with-reason <code>', 'those with this first reason, e.g. DATA_SOURCE_ERROR')
    .option('--since <when>', SINCE_HELP)
    .option('--query <condition>', 'further condition for Temporal visibility, see below')
    .option('--required-far <level>', `decide by this false-accept rate instead: ${FAR_LEVELS.join(', ')}`)
    .option('--comparisons <names>', 'decide by these comparisons instead, e.g. result_ref1,result_ref2')
    .option('--json', 'print one JSON document a line');
}
