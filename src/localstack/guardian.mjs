/**
 * Runs one engine and ends it when the parent is gone, however the parent went: the kernel closes the IPC channel even
 * after kill -9. Plain JavaScript, because it must start in any Node without a loader.
 * Arguments: grace in ms between SIGTERM and SIGKILL, command, arguments.
 */
import { spawn } from 'node:child_process';

const [graceMs, command, ...args] = process.argv.slice(2);

// Ctrl-C reaches the whole terminal group; the engines end when the parent has stopped what depends on them.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => {});

const engine = spawn(command, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
let stopping = false;

function signalEngine(signal) {
  try {
    if (engine.pid !== undefined) process.kill(-engine.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // ESRCH: it has ended already
  }
}

function stopEngine() {
  if (stopping) return;
  stopping = true;
  signalEngine('SIGTERM');
  setTimeout(() => signalEngine('SIGKILL'), Number(graceMs));
}

function report(message, then) {
  if (process.connected) process.send(message, then);
  else then();
}

engine.once('error', (error) => report({ exit: error.message }, () => process.exit(1)));
engine.once('exit', (code, signal) => report({ exit: signal ?? `code ${code}` }, () => process.exit(code ?? 1)));
process.on('message', (message) => (message === 'STOP' ? stopEngine() : signalEngine(message)));
process.on('SIGTERM', stopEngine);
process.on('disconnect', stopEngine);
if (process.connected) process.send({ pid: engine.pid }, () => {});
else stopEngine();
