import { parseArgs } from 'node:util';

export type DemoOptions = { readonly once: boolean; readonly tokens: number };

export const DEMO_HELP = `npm run demo [-- <options>]

Starts Kafka, Temporal, the FaceID emulator and verdictflow on this machine, submits tokens of mixed scenarios under a
compressed clock (a day of the vendor lasts 30 seconds, on a slow machine more), and shows how each of them is decided.

  --once          end by itself: exit code 0 when every token got the outcome its scenario demands and the vendor's log
                  shows no fourth read, otherwise 1
  --tokens <n>    how many tokens (default 60)
  --help          this text

Without --once everything keeps running until Ctrl-C, so that you can look around in the Temporal UI.`;

/** Throws a TypeError for unknown options; undefined: help was asked for. */
export function parseDemoOptions(args: readonly string[]): DemoOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      tokens: { type: 'string', default: '60' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const tokens = Number(values.tokens);
  if (!Number.isInteger(tokens) || tokens < 1 || tokens > 5_000) throw new TypeError('--tokens takes a whole number from 1 to 5000');
  return { once: values.once, tokens };
}
