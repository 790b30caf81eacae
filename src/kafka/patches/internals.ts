/**
 * The only door to kafkajs's own sources: they are no interface, so that any other version may have moved them. A patch that no
 * longer fits must fail loudly when the process starts, not lose records later.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

type Method = (this: never, ...args: never[]) => unknown;
type Methods<T> = Readonly<Record<keyof T, Method>>;

/**
 * The prototype of a class in kafkajs's sources, with the methods to replace. kafkajs publishes no types of them: `T` says what
 * they are in 2.2.4. @throws Error if kafkajs is not the version that is known.
 */
export function prototypeOf<T extends Methods<T>>(modulePath: string, methods: readonly (keyof T & string)[]): T {
  const loaded: unknown = require(`kafkajs/${modulePath}`);
  return withMethods(typeof loaded === 'function' ? Reflect.get(loaded, 'prototype') : undefined, { modulePath, methods });
}

/** What a module of kafkajs's sources exports, as above; whoever loads it later finds the replacement. @throws Error as above. */
export function moduleOf<T extends Methods<T>>(modulePath: string, methods: readonly (keyof T & string)[]): T {
  return withMethods(require(`kafkajs/${modulePath}`), { modulePath, methods });
}

function withMethods<T>(
  value: unknown,
  { modulePath, methods }: { readonly modulePath: string; readonly methods: readonly (keyof T & string)[] },
): T {
  if (hasMethods<T>(value, methods)) return value;
  throw notAsKnown(`${modulePath} lacks ${methods.join(', ')}`);
}

export function notAsKnown(what: string): Error {
  return new Error(`kafkajs is not 2.2.4: ${what}. Install kafkajs 2.2.4, or review src/kafka/patches for the new version.`);
}

/** That they are there is all that can be looked at; what they take and return is known of this version alone. */
function hasMethods<T>(value: unknown, methods: readonly (keyof T)[]): value is T {
  return typeof value === 'object' && value !== null && methods.every((method) => typeof Reflect.get(value, method) === 'function');
}

/** A patch changes kafkajs for the whole process: it is applied for the first who asks, and not again. */
export function onlyOnce(apply: () => void): () => void {
  let applied = false;
  return () => {
    if (!applied) apply();
    applied = true;
  };
}

type PatchListeners<T> = {
  /** Returns the way to stop listening. */
  add(listener: (told: T) => void): () => void;
  tell(told: T): void;
};

/** Who hears what a patched method of kafkajs tells. The first of them applies the patch. */
export function createPatchListeners<T>(apply: () => void): PatchListeners<T> {
  const listeners = new Set<(told: T) => void>();
  const patch = onlyOnce(apply);
  return {
    add(listener) {
      patch();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (told) => listeners.forEach((listener) => listener(told)),
  };
}

/**
 * Puts another function in the place of one that a module of kafkajs consists of. Modules whose path matches `usedBy` took it
 * when they were loaded: they are forgotten, so that they are loaded anew with the next request that needs them.
 * @throws Error if kafkajs is not the version that is known.
 */
export function replaceModule<F extends Method>(
  modulePath: string,
  { by, usedBy }: { readonly by: (original: F) => F; readonly usedBy: RegExp },
): void {
  require(`kafkajs/${modulePath}`);
  const loaded: unknown = require.cache[require.resolve(`kafkajs/${modulePath}`)];
  if (!hasMethods<{ exports: F }>(loaded, ['exports'])) throw notAsKnown(`${modulePath} is no function`);
  loaded.exports = by(loaded.exports);
  for (const path of Object.keys(require.cache)) if (usedBy.test(path)) delete require.cache[path];
}
