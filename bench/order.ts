/**
 * Who runs when: A B, B A, A B … so that drift of the machine and growth of the shared servers hit both alike.
 * `repetitions` ≥ 1; one system alone is simply repeated.
 */
export function runOrder<T>(systems: readonly T[], repetitions: number): T[] {
  return Array.from({ length: repetitions }, (_, repetition) => (repetition % 2 === 0 ? [...systems] : systems.toReversed())).flat();
}
