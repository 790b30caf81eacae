import type { Command } from 'commander';
import { EVIDENCE_KINDS } from '../../domain/evidence.ts';
import type { CliContext } from '../context.ts';
import { getEvidence, type GetOptions } from '../evidence/get.ts';
import { holdEvidence, type HoldOptions } from '../evidence/hold.ts';
import { listEvidence, type ListOptions } from '../evidence/list.ts';
import { rewrapEvidence, type RewrapOptions } from '../evidence/rewrap.ts';

const LIST_HELP = `
Shows no evidence, only that it is there: kinds, sizes, when it expires, the id of its key, who holds it back from erasure.
Exit code 1: nothing is kept, or something of it is no evidence. 69: a store is away. 78: no store is configured, or it refuses us.

Examples:
  $ verdictflow evidence list dwo7f5duyy4bp6gv3yi5xvnkk2
  $ printf '%s' "$TOKEN" | verdictflow evidence list --token - --json`;

const GET_HELP = `
Decrypts to files that only their owner may read, never to a terminal, standard output or a pipe, and never over what is there
without --force. Who opens what and why goes to the audit topic first: without that record nothing is opened.
Several objects need a folder that is there. Needs the keys (VF_EVIDENCE_KEYS).
One that cannot be opened is named, and the others are written.
Exit code 1: nothing is kept (any more), one cannot be opened, or the audit topic refuses the record. 69: a store or Kafka is away.

Examples:
  $ verdictflow evidence get dwo7f5duyy4bp6gv3yi5xvnkk2 --kind IMAGE_BEST --out best.jpg --reason "chargeback" --ticket CASE-9
  $ verdictflow evidence get dwo7f5duyy4bp6gv3yi5xvnkk2 --out case-9/ --reason "order of the court" --operator jane`;

const HOLD_HELP = `
Neither the sweeper nor "erase" touches what is on hold. Who and why goes to the audit topic first, and stays with the evidence.
A hold that is there already stays as it is: whoever laid it first, and why, is what counts.
Exit code 1: nothing is kept, or the audit topic refuses the record. 69: a store or Kafka is away; do it again.

Examples:
  $ verdictflow evidence hold dwo7f5duyy4bp6gv3yi5xvnkk2 --reason "court order 12/26" --ticket LEG-4 --operator jane`;

const RELEASE_HELP = `
What has expired meanwhile is erased by the next sweep.
Exit code 1: nothing is kept, or the audit topic refuses the record. 69: a store or Kafka is away; do it again.

Examples:
  $ verdictflow evidence release dwo7f5duyy4bp6gv3yi5xvnkk2 --reason "case closed" --ticket LEG-4 --operator jane`;

const REWRAP_HELP = `
After a new key was put in front of VF_EVIDENCE_KEYS: wraps each data key anew under it, so that the old one can be taken out.
The evidence itself stays as it is. It can be interrupted and run again at any time, also by several at once.
One whose key is not among VF_EVIDENCE_KEYS, or whose key record is none, is named, and the others go on.
Exit code 1: it was interrupted, one could not be wrapped, or nothing is kept of the one that was named. 69: a store is away.

Examples:
  $ verdictflow evidence rewrap --all
  $ verdictflow evidence rewrap dwo7f5duyy4bp6gv3yi5xvnkk2`;

export function registerEvidence(program: Command, context: CliContext): void {
  const evidence = program.command('evidence').description('list, open and hold what is kept of the vendor’s answers');
  found(evidence.command('list [verificationId]').description('what is kept of a verification, without showing it'))
    .option('--json', 'print one JSON document')
    .addHelpText('after', LIST_HELP)
    .action(async (id: string | undefined, options: ListOptions) => {
      context.exitCode = await listEvidence(id, { options, context });
    });
  mandated(found(evidence.command('get [verificationId]').description('decrypt to a file; goes to the audit topic first')))
    .requiredOption('--out <path>', 'file, or folder that is there')
    .option('--kind <kind>', `only this: ${EVIDENCE_KINDS.join(', ')}`)
    .option('--object <name>', 'only this one, as "list" and the outcome name it')
    .option('--force', 'replace files that are there')
    .option('--json', 'print one JSON document')
    .addHelpText('after', GET_HELP)
    .action(async (id: string | undefined, options: GetOptions) => {
      context.exitCode = await getEvidence(id, { options, context });
    });
  for (const [name, action, description, help] of [
    ['hold', 'HOLD', 'keep it from erasure until it is released', HOLD_HELP],
    ['release', 'RELEASE', 'lift the hold', RELEASE_HELP],
  ] as const) {
    mandated(found(evidence.command(`${name} [verificationId]`).description(description)))
      .option('--json', 'print one JSON document')
      .addHelpText('after', help)
      .action(async (id: string | undefined, options: HoldOptions) => {
        context.exitCode = await holdEvidence(id, { action, options, context });
      });
  }
  evidence
    .command('rewrap [verificationId]')
    .description('wrap the data keys anew under the first key, for a rotation')
    .option('--all', 'of everything that is kept')
    .option('--json', 'print one JSON document')
    .addHelpText('after', REWRAP_HELP)
    .action(async (id: string | undefined, options: RewrapOptions) => {
      context.exitCode = await rewrapEvidence(id, { options, context });
    });
}

function found(command: Command): Command {
  return command
    .option('--token <->', 'the verification of the token on standard input: --token -')
    .option('--biz-no <->', 'the one of the business number on standard input: --biz-no -');
}

function mandated(command: Command): Command {
  return command
    .option('--reason <text>', 'why; goes to the audit topic (required)')
    .option('--operator <name>', 'who orders it, no e-mail address (default: $USER)')
    .option('--ticket <id>', 'where it was asked for');
}
