import type { Command } from 'commander';
import { UNASKED_AT_MOST } from '../agree.ts';
import { type CliContext, parseRate } from '../context.ts';
import { DEFAULT_RATE, erase, type EraseOptions } from '../evidence/erase.ts';

const HELP = `
Destroys the key of what is kept, then what is kept. Nobody can bring it back, whoever has which backup. What is on legal hold
is left alone. Where nothing is kept, as of a verification that still runs, it sees to it that nothing will be.

ERASE    its key and its objects
ALREADY  erased before; what was left of its objects follows
NOTHING  nothing was ever kept, and nothing will be
HELD     on legal hold: nothing is done
UNREADABLE  its key record is none, nobody knows whether it is on hold: nothing is done

--older-than goes by when it was kept. --biz-no needs VF_BIZNO_SEARCHABLE=true and the VF_TOKEN_KEYS of the service, and finds
what the namespace remembers. With VF_ERASE_TOMBSTONE=true the outcome topic gets a record without a value as well.
--dry-run prints the plan. At a terminal it asks before it begins, unless --yes is given; elsewhere more than ${UNASKED_AT_MOST} need --yes.
Each erasure goes to the audit topic. The journal makes it resumable: run it again with the same --journal, and it goes on where
it stopped. At the end it prints what it cannot reach, as topics and histories, and what removes it there.
Exit code 1: nothing was selected, something is on hold or unreadable, failed by itself or is not on record, or it was interrupted.
69: a store, Kafka or Temporal is away; go on with the same --journal. 78: no store is configured, or it refuses us.

Examples:
  $ verdictflow erase dwo7f5duyy4bp6gv3yi5xvnkk2 --reason "the person asks to be forgotten" --ticket DSR-31
  $ printf '%s' "$ORDER" | verdictflow erase --biz-no - --reason "the person asks to be forgotten" --ticket DSR-31 --yes
  $ verdictflow erase --older-than 30d --dry-run
  $ verdictflow erase --file ids.txt --reason "the purpose is fulfilled" --operator jane --yes
  $ verdictflow erase --journal .verdictflow/erase-2026-01-15T10-00-00-000Z.ndjson --yes`;

export function registerErase(program: Command, context: CliContext): void {
  program
    .command('erase [ids...]')
    .description('destroy evidence for ever: key first, then what it locks')
    .option('--file <path>', 'verification ids, one per line or as NDJSON; - is standard input')
    .option('--token <->', 'the verification of the token on standard input: --token -')
    .option('--biz-no <->', 'those of the business number on standard input: --biz-no -')
    .option('--older-than <age>', 'what was kept longer ago than this: 30d, 12h')
    .option('--reason <text>', 'why; goes to the audit topic (required unless resuming)')
    .option('--operator <name>', 'who orders it, no e-mail address (required unless resuming; default: $USER)')
    .option('--ticket <id>', 'where it was asked for')
    .option('--rate <per-second>', 'verifications erased per second at most', parseRate, DEFAULT_RATE)
    .option('--yes', 'begin without asking')
    .option('--journal <path>', 'file to resume from (default: .verdictflow/erase-<time>.ndjson)')
    .option('--dry-run', 'only print the plan')
    .option('--json', 'print one JSON document a line')
    .addHelpText('after', HELP)
    .action(async (ids: readonly string[], options: EraseOptions) => {
      context.exitCode = await erase({ ids, options, context });
    });
}
