import type { Command } from 'commander';
import { defined } from '../../domain/defined.ts';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import type { VerificationDetails } from '../../operator/ports.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, printJson } from '../context.ts';
import { readVerificationId } from '../verification-id.ts';
import { renderFields, renderTable } from '../table.ts';

type Options = { readonly token?: string; readonly json?: true };

const HELP = `
Exit code 1: no such verification is known here.

Examples:
  $ verdictflow show abcdefghijklmnopqrstuvwxyz
  $ printf '%s' "$TOKEN" | verdictflow show --token - --json`;

export function registerShow(program: Command, context: CliContext): void {
  program
    .command('show')
    .argument('[verificationId]', 'verification id or workflow id')
    .description('where a verification stands: stage, reads, next read, outcome')
    .option('--token <->', 'the verification of the token on standard input: --token -')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (id: string | undefined, options: Options) => {
      context.exitCode = await runShow(id, { ...options, context });
    });
}

async function runShow(id: string | undefined, { context, token, json }: Options & { context: CliContext }): Promise<number> {
  const config = cliConfig(context);
  const verificationId = await readVerificationId({ id, token }, context.io);
  const details = await using(context.backend.temporal(config), async ({ reader }) => await reader.details(workflowIdOf(verificationId)));
  if (details === undefined) {
    context.io.stderr(
      `verdictflow show: no verification ${verificationId} is known in this namespace (never started, or past its retention)\n`,
    );
    return EXIT_CODES.negative;
  }
  const link = config.temporal.uiUrl === undefined ? undefined : uiLink(config.temporal.uiUrl, details);
  if (json === true) printJson(context.io, { ...details, ...defined({ uiUrl: link }) });
  else context.io.stdout(render(details, link));
  return EXIT_CODES.ok;
}

function uiLink(uiUrl: string, { namespace, workflowId, runId }: VerificationDetails): string {
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${workflowId}/${runId}/history`;
}

function render(details: VerificationDetails, link: string | undefined): string {
  const { emission, reads } = details;
  const fields = renderFields([
    ['Verification', details.verificationId],
    ['Workflow', `${details.workflowId} (${details.status})`],
    ['Stage', details.stage],
    ['Waiting for', details.waitingFor],
    ['Next read', details.nextReadAt],
    ['Deadline', details.deadlineAt],
    ['Reads', readsOf(details)],
    ['Policy', details.policy],
    ['Outcome', details.outcome],
    ['Reasons', details.reasons.length === 0 ? undefined : details.reasons.join(', ')],
    ['Advice', details.retryAdvice],
    ['Emitted', emission === undefined ? undefined : `${emission.topic} partition ${emission.partition} offset ${emission.offset}`],
    ['Started', details.startedAt],
    ['Closed', details.closedAt],
    ['Temporal UI', link],
    ['Note', details.note],
  ]);
  if (reads.length === 0) return fields;
  const rows = reads.map((read) => [String(read.number), read.scheduledAt, read.endedAt ?? '–', read.result]);
  return `${fields}\n${renderTable(['Read', 'Scheduled', 'Ended', 'Result'], rows)}`;
}

function readsOf({ readsCounted, readsUncertain, maxReads }: VerificationDetails): string | undefined {
  if (readsCounted === undefined) return undefined;
  const limit = maxReads === undefined ? '' : ` of ${maxReads}`;
  const uncertain = readsUncertain === undefined || readsUncertain === 0 ? '' : `, ${readsUncertain} of them uncertain`;
  return `${readsCounted}${limit} counted${uncertain}`;
}
