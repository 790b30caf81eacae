import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The prototype of a class in kafkajs's own sources. 2.2.4 is pinned: anything else must fail loudly here. */
export function prototypeOf(modulePath: string, methods: readonly string[]): Record<string, unknown> {
  const loaded: unknown = require(`kafkajs/${modulePath}`);
  const prototype: unknown = typeof loaded === 'function' ? Reflect.get(loaded, 'prototype') : undefined;
  if (!isRecord(prototype) || !methods.every((method) => typeof prototype[method] === 'function')) {
    throw new Error(
      `kafkajs is not 2.2.4: ${modulePath} lacks ${methods.join(', ')}. Install kafkajs 2.2.4, or review src/kafka for the new version.`,
    );
  }
  return prototype;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

type PatchListeners<T> = {
  /** Returns the way to stop listening. */
  add(listener: (told: T) => void): () => void;
  tell(told: T): void;
};

/** Who hears what a patched method of kafkajs tells. `apply` patches it, once in this process, for the first of them. */
export function createPatchListeners<T>(apply: () => void): PatchListeners<T> {
  const listeners = new Set<(told: T) => void>();
  let applied = false;
  return {
    add(listener) {
      if (!applied) apply();
      applied = true;
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (told) => listeners.forEach((listener) => listener(told)),
  };
}
