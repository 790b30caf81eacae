import pino, { type DestinationStream } from 'pino';
import type { Logger } from '../contracts/logger.ts';

type LoggerOptions = {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Goes into every line, e.g. `{ role: 'worker' }`. */
  readonly base: Readonly<Record<string, string | number>>;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
};

/** Field names that must never carry a value to a log, at the top level or one below; a second line of defence. */
const NEVER = ['token', 'sealedToken', 'apiKey', 'apiSecret', 'api_key', 'api_secret', 'password', 'authorization'];

/** One JSON object per line with `level` as a word and `time` in RFC 3339. Lines are written synchronously: none is lost at exit. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: options.base,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: NEVER.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
