/** Running the project's own programs as visible, timed steps. Plain JavaScript: this must work before anything is installed. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a program in the project folder with inherited output; resolves to its exit code (128 + n after a signal, 127 if absent). */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...options.env } });
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** Runs a package's program with this Node, by its path inside node_modules. */
export function runTool(path, args, options = {}) {
  return run(process.execPath, [`${ROOT}/node_modules/${path}`, ...args], options);
}

/** Prints the title, runs the action, prints how long it took, and returns what the action returned. */
export async function step(title, action) {
  console.log(`\n— ${title}`);
  const startedAtMs = performance.now();
  try {
    return await action();
  } finally {
    console.log(`  ${title}: ${seconds(performance.now() - startedAtMs)}`);
  }
}

export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** True when the module is the program that node was asked to run. */
export function isMain(moduleUrl) {
  return process.argv[1] !== undefined && fileURLToPath(moduleUrl) === process.argv[1];
}
