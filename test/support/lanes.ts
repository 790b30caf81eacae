/** What the loop below takes on a machine that has time left over while four files run on its two processors. */
const QUICK_MS = 23;

/**
 * How many test files run beside each other. Most of the time they wait, so five of them finish sooner than four; but on a slower machine
 * four leave no processor time over, and a fifth would only make those late that judge by the clock.
 */
export function testLanes(): number {
  return Math.min(...Array.from({ length: 5 }, loopMs)) <= QUICK_MS ? 5 : 4;
}

function loopMs(): number {
  const startedAtMs = performance.now();
  let value = 1;
  for (let index = 0; index < 20_000_000; index += 1) value = (Math.imul(value, 1_103_515_245) + 12_345) | 0;
  // Read, or the compiler could leave the loop out.
  return value === 0 ? Number.POSITIVE_INFINITY : performance.now() - startedAtMs;
}
