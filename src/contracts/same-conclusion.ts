import type { OutcomeEvent } from './outcome.ts';

/**
 * True if two outcomes tell a consumer the same: then the later one is the earlier one again, not a revision. What names
 * the run, the time or the person that reached it is left aside.
 */
export function sameConclusion(one: OutcomeEvent, other: OutcomeEvent): boolean {
  return equal(conclusionOf(one), conclusionOf(other));
}

function conclusionOf({ outcome, reasons, comparisons, liveness, multipleFaces, policy, vendor }: OutcomeEvent): unknown {
  return { outcome, reasons, comparisons, liveness, multipleFaces, policy, status: vendor.status };
}

/** Equality of JSON values, whatever the order of keys; an absent key equals an undefined one. */
function equal(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) || Array.isArray(other)) {
    return (
      Array.isArray(one) && Array.isArray(other) && one.length === other.length && one.every((item, index) => equal(item, other[index]))
    );
  }
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return Object.is(one, other);
  const left = new Map<string, unknown>(Object.entries(one));
  const right = new Map<string, unknown>(Object.entries(other));
  return [...new Set([...left.keys(), ...right.keys()])].every((key) => equal(left.get(key), right.get(key)));
}
