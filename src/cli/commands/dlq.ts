import type { Command } from 'commander';
import { UNASKED_AT_MOST } from '../agree.ts';
import { type CliContext, parseCount, parseRate } from '../context.ts';
import { type ListOptions, listLetters } from '../dlq/list.ts';
import { filterable } from '../dlq/options.ts';
import { DEFAULT_MAX_REDRIVES, DEFAULT_RATE, redrive, type RedriveOptions } from '../dlq/redrive.ts';
import { showLetter } from '../dlq/show.ts';

const SAFE = `
Nothing of what producers wrote is printed: no value, no key, no header that could hold a token.`;

const LIST_HELP = `${SAFE}
A dead letter is named by its partition/offset in the dead-letter topic; topic, partition and offsets of the filters are those
of the record as it was first written. The list ends where the topic ended when it began. Afterwards all are counted, by
reason and producer (the CloudEvents source, or # and a digest of it).
Exit code 1: part of the topic cannot be read, or it was interrupted. 69: Kafka is away.

Examples:
  $ verdictflow dlq list --since 2h
  $ verdictflow dlq list --with-reason INVALID_REQUEST,NOT_JSON --open --json
  $ printf '%s' "$TOKEN" | verdictflow dlq list --token -`;

const SHOW_HELP = `${SAFE}
Exit code 1: nothing stands there (any more).

Examples:
  $ verdictflow dlq show 3/1207
  $ verdictflow dlq show 3/1207 --json`;

const REDRIVE_HELP = `
Sends the records again to the topic they came from: key, value, headers and time byte for byte, without the vf-dlq-* headers
and with vf-redrive-count, which counts how often. What is still wrong comes back as another dead letter with that count up.
Refused: stubs, what is no dead letter of verdictflow, what came back --max-redrives times, what was sent again before.
At a terminal it asks first, unless --yes is given; elsewhere more than ${UNASKED_AT_MOST} need --yes. Each one is audited.
The journal makes it resumable: run it again with the same --journal, and it goes on where it stopped. After a kill a few may be
sent twice, which is harmless: a token has one verification.
Exit code 1: nothing was sent, something was skipped or not audited, part of the topic cannot be read, or it was interrupted.
69: Kafka is away.

Examples:
  $ verdictflow dlq redrive --with-reason INVALID_REQUEST --since 2d --dry-run
  $ verdictflow dlq redrive --with-reason INVALID_REQUEST --since 2d --reason "schema corrected" --ticket INC-9 --rate 50 --yes
  $ verdictflow dlq redrive 3/1207 --reason "the topic was renamed" --operator jane
  $ verdictflow dlq redrive --journal .verdictflow/redrive-2026-01-15T10-00-00-000Z.ndjson --yes`;

export function registerDlq(program: Command, context: CliContext): void {
  const dlq = program.command('dlq').description('look at dead letters, and send them again');
  filterable(dlq.command('list').description('list dead letters, and count them by reason and producer'))
    .option('--open', 'only those that no redrive has sent again')
    .option('--limit <number>', 'print at most this many (default: 100, with --json all); all are counted', parseCount)
    .option('--json', 'print one JSON document a line, the counts last')
    .addHelpText('after', LIST_HELP)
    .action(async (options: ListOptions) => {
      context.exitCode = await listLetters(options, context);
    });
  dlq
    .command('show <place>')
    .description('one dead letter: where from, why, its headers and its value without secrets')
    .option('--json', 'print one JSON document')
    .addHelpText('after', SHOW_HELP)
    .action(async (place: string, options: { readonly json?: true }) => {
      context.exitCode = await showLetter(place, { json: options.json === true, context });
    });
  filterable(dlq.command('redrive [places...]').description('send dead letters again to where they came from'))
    .option('--all', 'all of them')
    .option('--reason <text>', 'why; goes to the audit topic (required unless resuming)')
    .option('--operator <name>', 'who orders it, no e-mail address (required unless resuming; default: $USER)')
    .option('--ticket <id>', 'where it was asked for')
    .option('--rate <per-second>', 'records sent per second at most', parseRate, DEFAULT_RATE)
    .option('--max-redrives <number>', 'refuse what was sent again so often and came back', parseCount, DEFAULT_MAX_REDRIVES)
    .option('--again', 'also those that an earlier redrive has sent')
    .option('--yes', 'send without asking')
    .option('--journal <path>', 'file to resume from (default: .verdictflow/redrive-<time>.ndjson)')
    .option('--dry-run', 'only print what would be sent and what is refused')
    .option('--json', 'print one JSON document a line')
    .addHelpText('after', REDRIVE_HELP)
    .action(async (places: readonly string[], options: RedriveOptions) => {
      context.exitCode = await redrive({ places, options, context });
    });
}
