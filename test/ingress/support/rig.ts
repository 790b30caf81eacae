import { vi } from 'vitest';
import { createIngress, type Ingress, type IngressOptions } from '../../../src/ingress/batch.ts';
import type { DeadLetter, IngressEvents, StartOrder } from '../../../src/ingress/ports.ts';
import { HINTS, NOW, POLICY, RETENTION_MS } from './records.ts';

/** Every event as `[name, details]`, in order. */
export function recordEvents(): IngressEvents & {
  readonly seen: [string, Record<string, unknown>][];
  named(name: string): Record<string, unknown>[];
} {
  const seen: [string, Record<string, unknown>][] = [];
  const take =
    (name: string) =>
    (details: object): void => {
      seen.push([name, { ...details }]);
    };
  return {
    seen,
    named: (name) => seen.filter(([one]) => one === name).map(([, details]) => details),
    taken: take('taken'),
    started: take('started'),
    alreadyStarted: take('alreadyStarted'),
    differs: take('differs'),
    ignored: take('ignored'),
    deadLettered: take('deadLettered'),
    deadLetterCut: take('deadLetterCut'),
    hintDelivered: take('hintDelivered'),
    hintDropped: take('hintDropped'),
    hintDistrusted: take('hintDistrusted'),
    paused: take('paused'),
    resumed: take('resumed'),
    failed: take('failed'),
  };
}

/** An ingress over fakes; its clock jumps ahead by every sleep. */
export function rig(overrides: Partial<IngressOptions> = {}) {
  const events = recordEvents();
  const orders: StartOrder[] = [];
  const letters: DeadLetter[] = [];
  const time = { nowMs: NOW };
  const started = new Set<string>();
  const admission = { acquire: vi.fn(async () => await Promise.resolve()), release: vi.fn() };
  const options: IngressOptions = {
    settings: {
      hintTopic: HINTS,
      trustHints: false,
      retentionMs: RETENTION_MS,
      policyFor: () => POLICY,
      groupId: 'group',
      vendorRegion: 'sgp',
    },
    starter: {
      start: async (order) => {
        await Promise.resolve();
        orders.push(order);
        if (started.has(order.workflowId)) return 'ALREADY_STARTED';
        started.add(order.workflowId);
        return 'STARTED';
      },
    },
    hintSender: { send: async () => await Promise.resolve('DELIVERED' as const) },
    deadLetters: {
      publish: async (letter) => {
        await Promise.resolve();
        letters.push(letter);
      },
    },
    sealer: { seal: (_token, id) => `sealed-${id}` },
    admission,
    startsWithRead: () => false,
    clock: {
      now: () => time.nowMs,
      sleep: async (ms, signal) => {
        await new Promise((resolve) => setImmediate(resolve));
        if (signal?.aborted !== true) time.nowMs += ms;
      },
    },
    events,
    random: () => 0.5,
    ...overrides,
  };
  const ingress: Ingress = createIngress(options);
  return { ingress, options, events, orders, letters, time, admission };
}
