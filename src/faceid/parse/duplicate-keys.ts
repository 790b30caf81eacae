/** A key that one object holds more than once. `JSON.parse` would silently keep the last value (docs/vendor.md row 10). */
export type DuplicateKey = {
  /** Keys and array indices from the root. */
  readonly path: readonly string[];
  /** Source texts of all values, in order. */
  readonly sources: readonly string[];
  /** False when all values mean the same. Containers count as different unless written alike. */
  readonly differs: boolean;
};

export type Span = { readonly from: number; readonly to: number };
/** Told of each string that is the value of a key: where that stands, and its literal, quotes included. */
type OnString = (path: readonly string[], span: Span) => void;
type Container = {
  readonly from: number;
  readonly path: readonly string[];
  /** Undefined for arrays. */
  readonly keys: Map<string, Span[]> | undefined;
  /** The key, or array index, whose value is being read. */
  at: string | undefined;
  count: number;
};

type Limits = {
  readonly maxDepth: number;
  /** Containers, keys and list items together. */
  readonly maxParts?: number;
};

/**
 * Finds duplicate keys in JSON text; undefined if it is nested deeper than `maxDepth`, or has more parts than `maxParts`.
 * Iterative, so nesting cannot exhaust the stack. Of text that is no JSON it tells nothing, and may throw SyntaxError:
 * `JSON.parse` has to accept it too.
 */
export function findDuplicateKeys(text: string, limits: Limits): DuplicateKey[] | undefined {
  const scanner = new KeyScanner(text);
  return scanned(scanner, { text, limits }) ? scanner.duplicates : undefined;
}

/** Tells `onString` of the strings of the text, in their order; of none beyond the limits. */
export function eachString(text: string, { onString, limits }: { readonly onString: OnString; readonly limits: Limits }): void {
  scanned(new KeyScanner(text, { onString }), { text, limits });
}

type Scanned = { readonly text: string; readonly limits: Limits };

function scanned(scanner: KeyScanner, { text, limits: { maxDepth, maxParts = Number.POSITIVE_INFINITY } }: Scanned): boolean {
  for (let at = 0; at < text.length;) {
    at = scanner.step(at);
    if (scanner.depth > maxDepth || scanner.parts > maxParts) return false;
  }
  return true;
}

/** Source text of the last value at a path of keys; undefined if there is none. A number keeps every digit there. */
export function sourceAt(text: string, path: readonly string[]): string | undefined {
  const scanner = new KeyScanner(text, { watch: path });
  for (let at = 0; at < text.length;) at = scanner.step(at);
  return scanner.watched;
}

// Sticky, so that long runs cost one step.
const SEPARATORS = /[ \t\n\r:]+/y;
const LITERAL = /[^ \t\n\r,\]}]+/y;

class KeyScanner {
  readonly duplicates: DuplicateKey[] = [];
  parts = 0;
  watched: string | undefined;
  readonly #text: string;
  readonly #watch: readonly string[] | undefined;
  readonly #onString: OnString | undefined;
  readonly #open: Container[] = [];

  constructor(text: string, { watch, onString }: { readonly watch?: readonly string[]; readonly onString?: OnString } = {}) {
    this.#text = text;
    this.#watch = watch;
    this.#onString = onString;
  }

  get depth(): number {
    return this.#open.length;
  }

  /** Consumes the token at `at` and returns where the next one begins. */
  step(at: number): number {
    switch (this.#text.charAt(at)) {
      case '{':
        return this.#enter(at, new Map());
      case '[':
        return this.#enter(at, undefined);
      case '}':
      case ']':
        return this.#leave(at);
      case ',':
        this.#nextMember();
        return at + 1;
      case ' ':
      case '\t':
      case '\n':
      case '\r':
      case ':':
        return this.#endOf(SEPARATORS, at);
      case '"':
        return this.#string(at);
      default:
        return this.#literal(at);
    }
  }

  #enter(at: number, keys: Map<string, Span[]> | undefined): number {
    const parent = this.#open.at(-1);
    const path = parent === undefined ? [] : [...parent.path, parent.at ?? ''];
    this.parts += 1;
    this.#open.push({ from: at, path, keys, at: keys === undefined ? '0' : undefined, count: 0 });
    return at + 1;
  }

  #leave(at: number): number {
    const closed = this.#open.pop();
    if (closed?.keys !== undefined) this.#report(closed.path, closed.keys);
    if (closed !== undefined) this.#valueRead({ from: closed.from, to: at + 1 });
    return at + 1;
  }

  #nextMember(): void {
    const container = this.#open.at(-1);
    if (container === undefined) return;
    this.parts += 1;
    container.count += 1;
    container.at = container.keys === undefined ? String(container.count) : undefined;
  }

  #string(at: number): number {
    const to = endOfString(this.#text, at);
    const container = this.#open.at(-1);
    if (container?.keys !== undefined && container.at === undefined) {
      // Decoded, because "st\u0061tus" is the same key as "status".
      container.at = String(JSON.parse(this.#text.slice(at, to)));
    } else {
      if (container?.keys !== undefined) this.#onString?.([...container.path, container.at ?? ''], { from: at, to });
      this.#valueRead({ from: at, to });
    }
    return to;
  }

  #literal(at: number): number {
    const to = this.#endOf(LITERAL, at);
    this.#valueRead({ from: at, to });
    return to;
  }

  #endOf(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    pattern.test(this.#text);
    return Math.max(at + 1, pattern.lastIndex);
  }

  #valueRead(span: Span): void {
    const container = this.#open.at(-1);
    if (container?.keys === undefined || container.at === undefined) return;
    if (this.#watch !== undefined && this.#isWatched([...container.path, container.at])) {
      this.watched = this.#text.slice(span.from, span.to);
    }
    const spans = container.keys.get(container.at);
    if (spans === undefined) container.keys.set(container.at, [span]);
    else spans.push(span);
  }

  #isWatched(path: readonly string[]): boolean {
    return path.length === this.#watch?.length && path.every((key, index) => key === this.#watch?.[index]);
  }

  #report(path: readonly string[], keys: ReadonlyMap<string, readonly Span[]>): void {
    for (const [key, spans] of keys) {
      if (spans.length < 2) continue;
      const sources = spans.map((span) => this.#text.slice(span.from, span.to));
      this.duplicates.push({ path: [...path, key], sources, differs: sources.some((source) => !areSame(source, sources[0] ?? '')) });
    }
  }
}

/** Index after the closing quote. Searches quotes, not characters: images are strings of megabytes. */
function endOfString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let escapes = 0;
    while (text.charAt(quote - 1 - escapes) === '\\') escapes += 1;
    if (escapes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** True for scalars that mean the same (`64` and `64.0`), and for containers written alike. */
function areSame(one: string, other: string): boolean {
  if (one === other) return true;
  if (/^[{[]/.test(one) || /^[{[]/.test(other)) return false;
  const [first, second]: readonly unknown[] = [JSON.parse(one), JSON.parse(other)];
  // A number beyond all bounds, such as 1e999, equals nothing but itself as it is written: written out it would be null.
  return first === second && (typeof first !== 'number' || Number.isFinite(first));
}
