import type { Command } from 'commander';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { STAGES } from '../../contracts/workflow.ts';
import { OUTCOMES } from '../../domain/verdict.ts';
import { listQuery, searchableNames, SINCE_HELP } from '../../operator/list-query.ts';
import type { VerificationRow } from '../../operator/ports.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, parseCount, printJson } from '../context.ts';
import { renderTable } from '../table.ts';

type Options = {
  readonly outcome?: string;
  readonly stage?: string;
  readonly since?: string;
  readonly query?: string;
  readonly limit: number;
  readonly json?: true;
};

const HELP = `
The list comes from Temporal's visibility store and may lag by a second or so.
--query takes its language, over ${searchableNames().join(', ')} and the built-in attributes.

Examples:
  $ verdictflow list --outcome NEEDS_REVIEW --since 24h
  $ verdictflow list --stage WAITING --limit 10 --json
  $ verdictflow list --query "VfReason = 'VENDOR_UNAVAILABLE' AND VfCallsSpent > 1"`;

export function registerList(program: Command, context: CliContext): void {
  program
    .command('list')
    .description('list verifications, newest first')
    .option('--outcome <outcome>', OUTCOMES.join(', '))
    .option('--stage <stage>', STAGES.join(', '))
    .option('--since <when>', SINCE_HELP)
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
  const query = listQuery(options, context.io.now());
  const rows: VerificationRow[] = [];
  await using(context.backend.temporal(config), async ({ reader }) => {
    for await (const row of reader.list(query, options.limit)) rows.push(row);
  });
  if (options.json === true) printJson(context.io, { query, verifications: rows });
  else
    context.io.stdout(
      rows.length === 0
        ? 'none\n'
        : renderTable(['Verification', 'Status', 'Stage', 'Outcome', 'Reason', 'Reads', 'Started'], rows.map(cellsOf)),
    );
  return EXIT_CODES.ok;
}

function cellsOf(row: VerificationRow): readonly string[] {
  const reads = row.readsCounted === undefined ? '–' : String(row.readsCounted);
  return [row.verificationId, row.status, row.stage ?? '–', row.outcome ?? '–', row.reason ?? '–', reads, row.startedAt];
}
