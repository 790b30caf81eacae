/** As many names as many answers have together; a hostile body can only empty the memory, not fill it. */
const CAPACITY = 512;
/** Longer ones are no names. */
const LONGEST_NAME = 64;

/**
 * A pure function of a name that remembers what it gave. Answers repeat the same names for ever, and each is looked at by many
 * rules; what is worked out of it must not be changed by whoever gets it.
 */
export function remembered<T>(of: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    if (name.length > LONGEST_NAME) return of(name);
    const before = known.get(name);
    if (before !== undefined) return before;
    const result = of(name);
    if (known.size >= CAPACITY) known.clear();
    known.set(name, result);
    return result;
  };
}
