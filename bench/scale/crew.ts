import { join } from 'node:path';
import { cpuMs, memoryMiB, type ProcessTree } from '../measure/processes.ts';
import { type RunningService, startService } from '../measure/service.ts';

/** The processes of one installation: role `all` once, or workers and ingresses of their own. */
export type Crew = {
  readonly services: readonly RunningService[];
  stop(): Promise<void>;
};

export type CrewOptions = {
  readonly distDir: string;
  readonly runId: string;
  readonly roles: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly logDir: string;
};

/** `2x1` is two workers and one ingress, `all` one process that is both. */
export function rolesOf(text: string): readonly string[] {
  if (text === 'all') return ['all'];
  const [, workers, ingresses] = /^([1-9])x([1-9])$/.exec(text) ?? [];
  if (workers === undefined) throw new RangeError(`${JSON.stringify(text)} is neither "all" nor <workers>x<ingresses>`);
  return [...Array.from({ length: Number(workers) }, () => 'worker'), ...Array.from({ length: Number(ingresses) }, () => 'ingress')];
}

/** Starts them one after another: at once they would all compile at the same time, and miss each other's time-outs. */
export async function startCrew({ distDir, runId, roles, environment, logDir }: CrewOptions): Promise<Crew> {
  const services: RunningService[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(services.map((service) => service.stop()));
  };
  try {
    for (const [index, role] of roles.entries()) {
      const args = [join(distDir, 'workers/main.js'), role];
      services.push(
        await startService({ name: `${role} ${index}`, args, environment, logPath: join(logDir, `${runId}.${role}-${index}.log`) }),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { services, stop };
}

export function memoryOf(trees: readonly ProcessTree[], field: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  return trees.reduce((sum, tree) => sum + memoryMiB(tree, field), 0);
}

/** The returned function says how many ms of processor time they have used since. */
export function meterCpu(trees: readonly ProcessTree[]): () => number {
  const used = (): number => trees.reduce((sum, tree) => sum + cpuMs(tree), 0);
  const before = used();
  return () => used() - before;
}

/** The sum of a metric's samples over all of them; `label`: of those alone that have it. */
export async function metricOf(crew: Crew, name: string, { label = '' } = {}): Promise<number> {
  const each = crew.services.map(({ ready }) =>
    samplesOf(`http://127.0.0.1:${String(ready['adminPort'])}/metrics`, (line) => line.startsWith(name) && line.includes(label)),
  );
  return (await Promise.all(each)).reduce((sum, value) => sum + value, 0);
}

export async function samplesOf(url: string, isWanted: (line: string) => boolean): Promise<number> {
  // A server may close the kept connection in the moment it is used again: a second try has a new one.
  const answer = await fetch(url).catch(() => fetch(url));
  return sumOf(await answer.text(), isWanted);
}

/** Of Prometheus text: the sum of the samples whose line is wanted. A name alone also wants the longer names that begin with it. */
export function sumOf(text: string, isWanted: (line: string) => boolean): number {
  const lines = text.split('\n').filter((line) => !line.startsWith('#') && isWanted(line));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
