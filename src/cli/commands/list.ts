import { type Command, Option } from 'commander';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { STAGES } from '../../contracts/workflow.ts';
import { OUTCOMES } from '../../domain/verdict.ts';
import { searchableNames, SINCE_HELP } from '../../operator/list-query.ts';
import { LOOKED_INTO_AT_MOST, survey, surveyQuery } from '../../operator/survey.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, parseCount, printJson } from '../context.ts';
import { listTable } from './list-table.ts';

type Options = {
  readonly outcome?: string;
  readonly stage?: string;
  readonly since?: string;
  readonly expiring?: string;
  readonly held?: true;
  readonly uncertain?: true;
  readonly sort?: 'deadline';
  readonly query?: string;
  readonly limit: number;
  readonly json?: true;
};

const HELP = `
The list comes from Temporal's visibility store and may lag by a second or so. Next reads, --held and --uncertain come from
the histories of at most ${LOOKED_INTO_AT_MOST} of them; a note on standard error says if that left some out.
--query takes the language of visibility, over ${searchableNames().join(', ')} and the built-in attributes.

Examples:
  $ verdictflow list --outcome NEEDS_REVIEW --since 24h
  $ verdictflow list --expiring 1h
  $ verdictflow list --uncertain --since 1h --json
  $ verdictflow list --query "VfReason = 'VENDOR_UNAVAILABLE' AND VfCallsSpent > 1"`;

export function registerList(program: Command, context: CliContext): void {
  program
    .command('list')
    .description('list verifications, newest first')
    .option('--outcome <outcome>', OUTCOMES.join(', '))
    .option('--stage <stage>', STAGES.join(', '))
    .option('--since <when>', SINCE_HELP)
    .option('--expiring <duration>', 'running, and at their deadline within this time, e.g. 1h; nearest first')
    .option('--held', 'with a read that no worker takes: reads are held, or none runs')
    .option('--uncertain', 'with a read of which nobody knows whether the vendor looked')
    .addOption(new Option('--sort <by>', 'the nearest deadline first').choices(['deadline']))
    .option('--query <condition>', 'further condition for Temporal visibility')
    .option('--limit <number>', 'at most this many', parseCount, 50)
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      context.exitCode = await runList(options, context);
    });
}

async function runList(options: Options, context: CliContext): Promise<number> {
  const config = cliConfig(context);
  const nowMs = context.io.now();
  const filter = { ...options, ...(options.expiring === undefined ? {} : { sort: 'deadline' as const }) };
  const query = surveyQuery(filter, nowMs);
  const { rows, notes } = await using(context.backend.temporal(config), async (ports) => await survey(ports, { filter, query, nowMs }));
  if (options.json === true) printJson(context.io, { query, verifications: rows, ...(notes.length === 0 ? {} : { notes }) });
  else context.io.stdout(listTable(rows, nowMs));
  for (const note of notes) context.io.stderr(`note: ${note}\n`);
  return EXIT_CODES.ok;
}
