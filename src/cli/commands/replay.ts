import type { Command } from 'commander';
import { parseRate } from '../context.ts';
import type { CliContext } from '../context.ts';
import { runPlan } from '../replay/plan-command.ts';
import { runReplays, UNASKED_AT_MOST } from '../replay/run-command.ts';
import type { RunOptions, SelectOptions } from '../replay/options.ts';

const HELP = `
RE_EMIT    the latest outcome again, byte for byte under its ce_id: no vendor read
RE_DECIDE  the reads made so far give another outcome, the next revision: no vendor read
READ       no verdict, but reads and time are left: at most as many reads as the plan says
REFUSE     a replay cannot bring anything; the plan says why`;

const PLAN_HELP = `${HELP}

Exit code 1: nothing was selected.

Examples:
  $ verdictflow replay plan dwo7f5duyy4bp6gv3yi5xvnkk2
  $ verdictflow replay plan --outcome ERROR --since 2h
  $ verdictflow replay plan --outcome FAILED --with-reason MATCH_BELOW_THRESHOLD --required-far 1e-3 --json`;

const RUN_HELP = `${HELP}

Executes the plan except what it refuses. More than ${UNASKED_AT_MOST} replays need --yes, or a person who says yes.
The journal makes it resumable: run it again with the same --journal, and it goes on where it stopped and starts nothing twice.
Exit code 1: something was skipped because the plan no longer held, or it was interrupted.

Examples:
  $ verdictflow replay run dwo7f5duyy4bp6gv3yi5xvnkk2 --reason "vendor outage" --ticket INC-7 --wait
  $ verdictflow replay run --outcome ERROR --since 2h --reason "vendor outage" --rate 20 --yes
  $ verdictflow replay run --journal .verdictflow/replay-2026-01-15T10-00-00-000Z.ndjson --yes`;

export function registerReplay(program: Command, context: CliContext): void {
  const replay = program.command('replay').description('repeat finished verifications: plan it, then run it');
  const plan = replay.command('plan [ids...]', { isDefault: true }).description('what a replay would do and cost; changes nothing');
  selectable(plan)
    .addHelpText('after', PLAN_HELP)
    .action(async (ids: readonly string[], options: SelectOptions) => {
      context.exitCode = await runPlan(ids, { options, context });
    });
  const run = replay.command('run [ids...]').description('start the replays that the plan does not refuse');
  selectable(run)
    .option('--reason <text>', 'why; goes to the outcomes and the audit topic (required unless resuming)')
    .option('--operator <name>', 'who orders it, no e-mail address (required unless resuming; default: $USER)')
    .option('--ticket <id>', 'where it was asked for')
    .option('--rate <per-second>', 'replays started per second at most', parseRate, 5)
    .option('--yes', `start more than ${UNASKED_AT_MOST} without asking`)
    .option('--journal <path>', 'file to resume from (default: .verdictflow/replay-<time>.ndjson)')
    .option('--dry-run', 'only print the plan, as "replay plan" does')
    .option('--wait', 'wait for the outcomes and print them')
    .addHelpText('after', RUN_HELP)
    .action(async (ids: readonly string[], options: RunOptions) => {
      context.exitCode = await (options.dryRun === true ? runPlan(ids, { options, context }) : runReplays({ ids, options, context }));
    });
}

function selectable(command: Command): Command {
  return command
    .option('--file <path>', 'verification ids, one per line or as NDJSON; - is standard input')
    .option('--outcome <outcome>', 'those with this outcome')
    .option('--with-reason <code>', 'those with this first reason')
    .option('--since <when>', 'started since then: RFC 3339, or a duration such as 2h or 7d')
    .option('--query <condition>', 'further condition for Temporal visibility')
    .option('--required-far <level>', 'decide by this false-accept rate instead: 1e-3, 1e-4, 1e-5 or 1e-6')
    .option('--comparisons <names>', 'decide by these comparisons instead, e.g. result_ref1,result_ref2')
    .option('--json', 'print one JSON document a line');
}
