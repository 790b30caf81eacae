// Numbers for values, equal for equal ones: what a state is compared by. A value is written out once; its object remembers.

const numbers = new Map<string, number>();
const remembered = new WeakMap<object, number>();

/** The number of a value. `write`: how it is written out, if not as JSON. */
export function idOf(value: object, write: (value: object) => string = JSON.stringify): number {
  const known = remembered.get(value);
  if (known !== undefined) return known;
  const id = numberOf(write(value));
  remembered.set(value, id);
  return id;
}

/** The number of a text. */
export function numberOf(text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  numbers.set(text, numbers.size);
  return numbers.size - 1;
}
