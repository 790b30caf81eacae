import { spawn } from 'node:child_process';
import { hostEnvironment } from './host.ts';

type CommandResult = { readonly code: number; readonly output: string };

/**
 * Runs a command to its end and returns its exit code and the last 4,000 characters it wrote.
 * A command that does not exist has code 127; one stopped by `timeoutMs` has code 124.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly timeoutMs?: number } = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    let output = '';
    let timedOut = false;
    const child = spawn(command, args, { cwd: options.cwd, env: hostEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-4_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, options.timeoutMs ?? 600_000);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, output: error.message });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: timedOut ? 124 : (code ?? 1), output });
    });
  });
}

/** Like {@link runCommand}, but throws an error that names the command and carries `remedy` unless it ends with 0. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly timeoutMs?: number; readonly remedy: string },
): Promise<string> {
  const result = await runCommand(command, args, options);
  if (result.code !== 0) {
    throw new Error(`"${command} ${args.slice(0, 3).join(' ')}" ended with ${result.code}. ${options.remedy}\n${result.output.trim()}`);
  }
  return result.output;
}
