import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { cpuMsOf, memoryMiBOf, nameOf, parentOf } from './proc-text.ts';

/** A process and everything below it, measured from /proc (Linux only). `procDir` stands in for /proc in tests. */
export type ProcessTree = { readonly root: number; readonly procDir?: string };

/** CPU time in ms that the tree has used so far. Of a child that ends between two calls nothing is seen: none of ours starts any. */
export function cpuMs(tree: ProcessTree): number {
  return sum(tree, (dir) => cpuMsOf(readFileSync(`${dir}/stat`, 'utf8')));
}

/** CPU time in ms that each thread of the tree's processes which still runs has used so far, by process and thread id. */
export function threadCpuMs(tree: ProcessTree): ReadonlyMap<string, { readonly name: string; readonly ms: number }> {
  const threads = dirsOf(tree).flatMap((dir) =>
    (ifAlive(() => readdirSync(`${dir}/task`)) ?? []).flatMap((id) => {
      const stat = ifAlive(() => readFileSync(`${dir}/task/${id}/stat`, 'utf8'));
      return stat === undefined ? [] : [[`${dir}/${id}`, { name: nameOf(stat), ms: cpuMsOf(stat) }] as const];
    }),
  );
  return new Map(threads);
}

/** Resident memory of the tree in MiB: `VmRSS` now, `VmHWM` the peak since the last `resetPeak`. */
export function memoryMiB(tree: ProcessTree, field: 'VmRSS' | 'VmHWM'): number {
  return sum(tree, (dir) => memoryMiBOf(readFileSync(`${dir}/status`, 'utf8'), field));
}

/** Starts a new peak measurement (`5` to clear_refs, proc(5)). Needs to own the processes. */
export function resetPeak(tree: ProcessTree): void {
  for (const dir of dirsOf(tree)) writeFileSync(`${dir}/clear_refs`, '5');
}

/** The /proc folders of the tree's processes. Throws if its root has ended: a dead process costs nothing, and means nothing. */
function dirsOf({ root, procDir = '/proc' }: ProcessTree): string[] {
  const pids = readdirSync(procDir).map(Number).filter(Number.isInteger);
  const parents = new Map(
    pids.flatMap((pid) => ifAlive(() => [[pid, parentOf(readFileSync(`${procDir}/${pid}/stat`, 'utf8'))] as const]) ?? []),
  );
  if (!parents.has(root)) throw new Error(`process ${root} has ended: its CPU and memory cannot be read`);
  const isInside = (pid: number | undefined): boolean => pid === root || (pid !== undefined && pid > 1 && isInside(parents.get(pid)));
  return [...parents.keys()].filter(isInside).map((pid) => `${procDir}/${pid}`);
}

function sum(tree: ProcessTree, measure: (dir: string) => number): number {
  return dirsOf(tree).reduce((total, dir) => total + (ifAlive(() => measure(dir)) ?? 0), 0);
}

/** A process may end between listing and reading; only that is taken for "not there". */
function ifAlive<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
