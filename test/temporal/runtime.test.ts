import { createHook } from 'node:async_hooks';
import { Runtime } from '@temporalio/worker';
import { expect, it, onTestFinished } from 'vitest';
import type { Logger } from '../../src/contracts/logger.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { silentLogger } from '../support/silent-logger.ts';

it('passes on what the SDK says within a second, and wakes an idle process for it once a second at most', async () => {
  onTestFinished(async () => await Runtime.instance().shutdown());
  const intervalsMs = new Map<number, unknown>();
  const hook = createHook({
    init: (id, type, _trigger, timer) => void (type === 'Timeout' && intervalsMs.set(id, Reflect.get(timer, '_repeat'))),
    destroy: (id) => void intervalsMs.delete(id),
  }).enable();
  const said = await new Promise<unknown>((resolve) => {
    const logger: Logger = { ...silentLogger, warn: (...[, message]) => resolve(message) };
    void installRuntime({ logger }).then(() => Runtime.instance().logger.warn('the SDK says so'));
  });
  hook.disable();
  expect(said).toBe('the SDK says so');
  expect([...intervalsMs.values()].filter((everyMs) => Number(everyMs ?? Infinity) < 10_000)).toEqual([1_000]);
});

it.each([
  { level: 'DEBUG', shown: ['the details', 'the last word'] },
  { level: 'INFO', shown: ['the last word'] },
] as const)('passes on what is left when the runtime ends, at level $level without what is below it', async ({ level, shown }) => {
  const said: unknown[] = [];
  const hear = (...[, message]: Parameters<Logger['debug']>): void => void said.push(message);
  await installRuntime({ logger: { ...silentLogger, debug: hear, warn: hear }, level });
  const { logger } = Runtime.instance();
  logger.trace('what no level shows');
  logger.debug('the details');
  logger.warn('the last word');
  await Runtime.instance().shutdown();
  expect(said).toEqual(shown);
});
