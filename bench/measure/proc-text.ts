/** Ticks per second of /proc/<pid>/stat. Linux fixes USER_HZ at 100 on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time (user + system, all threads, exited ones included) in ms from the text of /proc/<pid>/stat, see proc(5). */
export function cpuMsOf(stat: string): number {
  const fields = fieldsAfterName(stat);
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) throw new Error('the text is not that of a /proc/<pid>/stat');
  return (ticks * 1_000) / TICKS_PER_SECOND;
}

/** What a thread calls itself, from the text of its /proc/<pid>/task/<tid>/stat. */
export function nameOf(stat: string): string {
  return stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
}

/** The parent's process id from the text of /proc/<pid>/stat. */
export function parentOf(stat: string): number {
  return Number(fieldsAfterName(stat)[1]);
}

/** A memory field (`VmRSS`, `VmHWM`) of /proc/<pid>/status in MiB; 0 for a process without memory (a zombie). */
export function memoryMiBOf(status: string, field: 'VmRSS' | 'VmHWM'): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status);
  return match ? Number(match[1]) / 1_024 : 0;
}

/** The name in parentheses may hold blanks and parentheses itself: fields are counted from the last `)`. */
function fieldsAfterName(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
