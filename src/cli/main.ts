import { text } from 'node:stream/consumers';
import pino from 'pino';
import { leaveWith } from '../../workers/signals.ts';
import { giveEachAddressTime } from '../async/each-address.ts';
import { processEnv } from '../config/process-env.ts';
import { createLogger } from '../observability/pino-logger.ts';
import { confirm, interruption, MACHINE } from './host.ts';
import type { CliIo } from './io.ts';
import { runCli } from './program.ts';
import { createRealBackend } from './real-backend.ts';
import { packageVersion } from '../config/package-version.ts';

const io: CliIo = {
  ...MACHINE,
  env: processEnv(),
  stdout: (out) => void process.stdout.write(out),
  stderr: (err) => void process.stderr.write(err),
  readStdin: async () => await text(process.stdin),
  confirm,
  interruption,
  stdinIsTerminal: process.stdin.isTTY,
  interactive: process.stderr.isTTY,
  columns: () => process.stderr.columns || 80,
  screen: () => (process.stdout.isTTY ? { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 } : undefined),
};

// Standard output carries results only. Errors of libraries are of no use to a person: commands report their own.
const logger = createLogger({
  level: processEnv()['VF_LOG_LEVEL'] === 'debug' ? 'debug' : 'error',
  base: { role: 'cli' },
  destination: pino.destination({ dest: 2, sync: true }),
});

// `verdictflow list | head` closes our output early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

giveEachAddressTime();
leaveWith(await runCli(process.argv.slice(2), { io, backend: createRealBackend(logger), version: packageVersion() }));
