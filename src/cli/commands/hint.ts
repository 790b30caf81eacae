import { type Command, Option } from 'commander';
import { EXIT_CODES } from '../../contracts/errors.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { HINT_KINDS, type HintKind } from '../../domain/state.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, printJson } from '../context.ts';
import { readVerificationId } from '../verification-id.ts';

type Options = { readonly token?: string; readonly kind: HintKind; readonly trusted?: true; readonly json?: true };

const HELP = `
A hint only advises: it brings the next planned read forward. With --trusted it may also use the last read, so say it
only if the session is known to be over. Exit code 1: no such verification is running,
or it takes no further hints.

Examples:
  $ verdictflow hint abcdefghijklmnopqrstuvwxyz
  $ verdictflow hint abcdefghijklmnopqrstuvwxyz --kind SESSION_FAILED --trusted`;

export function registerHint(program: Command, context: CliContext): void {
  program
    .command('hint')
    .argument('[verificationId]', 'verification id or workflow id')
    .description('tell a verification that its session has ended')
    .option('--token <->', 'the verification of the token on standard input: --token -')
    .addOption(new Option('--kind <kind>', 'how it ended').choices(HINT_KINDS).default(HINT_KINDS[0]))
    .option('--trusted', 'the hint may use the last read early')
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP)
    .action(async (id: string | undefined, options: Options) => {
      context.exitCode = await runHint(id, { options, context });
    });
}

async function runHint(id: string | undefined, { options, context }: { options: Options; context: CliContext }): Promise<number> {
  const config = cliConfig(context);
  const verificationId = await readVerificationId({ id, token: options.token }, context.io);
  const hint = { kind: options.kind, trusted: options.trusted === true };
  const result = await using(context.backend.temporal(config), async ({ hints }) => await hints.send(workflowIdOf(verificationId), hint));
  if (options.json === true) printJson(context.io, { verificationId, ...hint, result });
  if (result === 'NOT_FOUND') {
    context.io.stderr(`verdictflow hint: verification ${verificationId} is not running (never started, or ended)\n`);
    return EXIT_CODES.negative;
  }
  if (result === 'REFUSED') {
    context.io.stderr(`verdictflow hint: verification ${verificationId} takes no further hints; its planned reads go on\n`);
    return EXIT_CODES.negative;
  }
  if (options.json !== true) context.io.stdout(`delivered to ${verificationId}\n`);
  return EXIT_CODES.ok;
}
