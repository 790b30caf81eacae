import type { Usage } from '../measure/meters.ts';
import { spread } from '../report/statistics.ts';
import type { ThreadProfile } from './profile.ts';

/** One measured burst of a build. */
export type Burst = { readonly dist: string; readonly usage: Pick<Usage, 'serviceCpuMs' | 'serviceThreads' | 'temporalCpuMs'> };

const SHOWN_OWNERS = 16;

/** `node` is the name of the main thread and of each worker thread, which the profile tells apart. */
const THREADS: readonly (readonly [RegExp, string])[] = [
  [/^(node|MainThread)$/, 'main thread and V8 isolates of their own'],
  [/^(tokio|temporal|workflow-proces)/, "Temporal Core's threads (Rust)"],
  [/^(libuv|V8|DelayedTask|SignalInspector)/, "Node.js's pools: compiling, garbage, cipher, DNS"],
];

/** What each build took, every burst of it said, and the threads of the first build. */
export function usageTables(bursts: readonly Burst[], { tokens }: { readonly tokens: number }): string {
  const dists = [...new Set(bursts.map(({ dist }) => dist))];
  const of = (wanted: string | undefined): readonly Burst['usage'][] =>
    bursts.filter(({ dist }) => dist === wanted).map(({ usage }) => usage);
  const rows = dists.map((dist) => [
    dist,
    allOf(of(dist).map(({ serviceCpuMs }) => serviceCpuMs / tokens)),
    allOf(of(dist).map(({ temporalCpuMs }) => temporalCpuMs / tokens)),
  ]);
  const threads = [...threadsMs(of(dists[0]))].map(([group, ms]) => [group, (ms / tokens).toFixed(2)]);
  return [
    table(['Build', 'CPU of the service, ms a token: median (all bursts)', 'of Temporal'], rows),
    table([`Threads of ${dists[0] ?? 'no build'}`, 'ms a token, mean of all bursts'], threads),
  ].join('\n\n');
}

/** Own time by owner, of each kind of thread that there is. */
export function profileTables(profiles: readonly ThreadProfile[]): string {
  const kinds = [...new Set(profiles.map(({ thread }) => thread))].toSorted();
  return kinds
    .map((kind) => table([`Own time, thread: ${kind}`, 'share'], shares(profiles.filter(({ thread }) => thread === kind))))
    .join('\n\n');
}

function allOf(ms: readonly number[]): string {
  return `${spread(ms).median.toFixed(2)} (${ms.map((one) => one.toFixed(2)).join(', ')})`;
}

function threadsMs(usages: readonly Burst['usage'][]): ReadonlyMap<string, number> {
  return sums(
    usages.flatMap(({ serviceThreads }) =>
      serviceThreads.map(({ name, cpuMs }) => {
        const group = THREADS.find(([names]) => names.test(name))?.[1] ?? name;
        return [group, cpuMs / usages.length] as const;
      }),
    ),
  );
}

function shares(profiles: readonly ThreadProfile[]): readonly (readonly string[])[] {
  const ownMs = [...sums(profiles.flatMap((profile) => [...profile.ownMs]))].filter(([owner]) => owner !== 'idle');
  const total = ownMs.reduce((sum, [, ms]) => sum + ms, 0);
  return ownMs
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, SHOWN_OWNERS)
    .map(([owner, ms]) => [owner, `${((100 * ms) / total).toFixed(1)} %`]);
}

function sums(parts: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  const byName = new Map<string, number>();
  for (const [name, part] of parts) byName.set(name, (byName.get(name) ?? 0) + part);
  return byName;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
