import { giveEachAddressTime } from '../src/async/each-address.ts';
import { exhausted } from '../src/domain/exhaustive.ts';
import { processEnv } from '../src/config/process-env.ts';
import { isProcessRole, PROCESS_ROLES, type ProcessRole } from '../src/config/roles.ts';
import { EXIT_CODES } from '../src/contracts/errors.ts';
import type { RoleStarter } from './context.ts';
import { runRole } from './run-role.ts';
import { leaveAtOnce, leaveWith } from './signals.ts';

const USAGE = `usage: npm start -- <role>, where <role> is one of ${PROCESS_ROLES.join(', ')}`;

/** `node dist/workers/main.js <role>`, or `npm start -- <role>`. */
async function main(args: readonly string[]): Promise<number> {
  const [role, ...rest] = args;
  if (role === '--help' || role === '-h') {
    process.stdout.write(`${USAGE}\n`);
    return EXIT_CODES.ok;
  }
  if (role === undefined || rest.length > 0 || !isProcessRole(role)) {
    process.stderr.write(`verdictflow: ${misuse(role)}; ${USAGE}\n`);
    return EXIT_CODES.usage;
  }
  return await runRole(role, {
    env: processEnv(),
    starter: () => starterOf(role),
    source: process,
    forceExit: leaveAtOnce,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  });
}

function misuse(role: string | undefined): string {
  return role === undefined ? 'no role given' : `unknown role or too many arguments: ${role}`;
}

/** Imports on demand, so that an emulator loads no Temporal and a worker no emulator. */
async function starterOf(role: ProcessRole): Promise<RoleStarter> {
  switch (role) {
    case 'all':
      return (await import('./roles.ts')).startAllRole;
    case 'ingress':
      return (await import('./roles.ts')).startIngressRole;
    case 'worker':
      return (await import('./roles.ts')).startWorkerRole;
    case 'sweeper':
      return (await import('./sweeper.ts')).startSweeperRole;
    case 'codec-server':
      return (await import('./codec-server.ts')).startCodecServerRole;
    case 'emulator':
      return (await import('./emulator.ts')).startEmulatorRole;
    default:
      return exhausted(role);
  }
}

giveEachAddressTime();
leaveWith(await main(process.argv.slice(2)));
