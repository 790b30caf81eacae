import type { BenchOptions } from './options.ts';

export type Workload =
  | { readonly kind: 'IDLE'; readonly title: string; readonly durationMs: number }
  | { readonly kind: 'OPEN_LOOP'; readonly title: string; readonly ratePerSecond: number; readonly tokens: number }
  | { readonly kind: 'BURST'; readonly title: string; readonly tokens: number };

/** What each measured run goes through, lightest first: a burst leaves memory behind that would colour the rest. */
export function workloadsOf(options: BenchOptions): Workload[] {
  const loops = options.ratesPerSecond.map((ratePerSecond): Workload => {
    const seconds = options.openLoopMs / 1_000;
    return {
      kind: 'OPEN_LOOP',
      title: `open loop, ${ratePerSecond} tokens/s for ${seconds} s`,
      ratePerSecond,
      tokens: ratePerSecond * seconds,
    };
  });
  return [
    ...(options.idleMs > 0 ? [{ kind: 'IDLE', title: `idle for ${options.idleMs / 1_000} s`, durationMs: options.idleMs } as const] : []),
    ...loops,
    ...(options.burstTokens > 0
      ? [{ kind: 'BURST', title: `burst of ${options.burstTokens} tokens`, tokens: options.burstTokens } as const]
      : []),
  ];
}
