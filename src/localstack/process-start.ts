import { readFileSync } from 'node:fs';

/** In `/proc/<pid>/stat`: the fields after the name, which is in brackets and may hold anything. */
const START_TIME_FIELD = 19;

/**
 * Tells a process from a later one that got the same id: in a container every main process is number 1. Undefined where
 * the system does not say.
 */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const sinceBoot = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD];
    // Since boot, so that a clock that is set does not change it; hence the boot belongs to it.
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return sinceBoot === undefined ? undefined : `${boot}/${sinceBoot}`;
  } catch {
    // No such system, or no such process: of itself every process knows when it began.
    return pid === process.pid ? String(Math.round(performance.timeOrigin)) : undefined;
  }
}
