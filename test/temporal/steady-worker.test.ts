import { type NativeConnection, TransportError } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { type Runnable, startSteadyWorker } from '../../src/temporal/steady-worker.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';

/** A worker that runs until it is told how it ends. */
function fakeWorker() {
  let end: (error?: Error) => void = () => undefined;
  let state: ReturnType<Runnable['getState']> = 'INITIALIZED';
  const worker: Runnable = {
    connection: undefined,
    getState: () => state,
    shutdown: () => end(),
    run: async () => {
      state = 'RUNNING';
      await new Promise<void>((resolve, reject) => {
        end = (error) => {
          state = error === undefined ? 'STOPPED' : 'FAILED';
          if (error === undefined) resolve();
          else reject(error);
        };
      });
    },
  };
  return { worker, end: (error?: Error) => end(error) };
}

const REFUSED = new TransportError('Request unauthorized.');

/** `outcomes` of creating workers, one after another; a worker is made where none is refused. */
async function steady(outcomes: readonly (Error | undefined)[]) {
  const made: ReturnType<typeof fakeWorker>[] = [];
  const stopping = new AbortController();
  let asked = 0;
  const worker = await startSteadyWorker({
    create: async () => {
      const refusal = outcomes[asked];
      asked += 1;
      if (refusal !== undefined) throw refusal;
      const fake = fakeWorker();
      made.push(fake);
      return await Promise.resolve(fake.worker);
    },
    logger: silentLogger,
    stopping: stopping.signal,
    backoff: { firstMs: 1, longestMs: 1 },
  });
  return { worker, made, stopping, asked: () => asked };
}

describe('a worker that the server refuses', () => {
  it('is followed by another one once it is taken again; until then it says so', async () => {
    const { worker, made, asked } = await steady([undefined, REFUSED, new TransportError('namespace is not found'), undefined]);
    expect(worker.trouble()).toBeUndefined();
    made[0]?.end(REFUSED);
    await until(() => worker.trouble(), { timeoutMs: 1_000, what: 'the trouble' });
    expect(worker.trouble()).toMatch(/refuses it \((Request unauthorized\.|namespace is not found)\): check TEMPORAL_API_KEY/);
    await until(() => worker.trouble() === undefined, { timeoutMs: 1_000, what: 'the next worker' });
    expect([made.length, asked()]).toEqual([2, 4]);
    await worker.stop();
    expect(made.map(({ worker: one }) => one.getState())).toEqual(['FAILED', 'STOPPED']);
  });

  it('ends the wait when the process stops', async () => {
    const { worker, made, stopping } = await steady([undefined, ...Array.from({ length: 1_000 }, () => REFUSED)]);
    made[0]?.end(REFUSED);
    await until(() => worker.trouble(), { timeoutMs: 1_000, what: 'the trouble' });
    stopping.abort();
    await expect(worker.stop()).resolves.toBeUndefined();
  });

  it('and taken again just as the process stops, ends at once', async () => {
    let finish: (worker: Runnable) => void = () => undefined;
    const [first, second] = [fakeWorker(), fakeWorker()];
    const pending = new Promise<Runnable>((resolve) => {
      finish = resolve;
    });
    const stopping = new AbortController();
    const coming = [Promise.resolve(first.worker), pending];
    const worker = await startSteadyWorker({
      create: async () => await (coming.shift() ?? pending),
      logger: silentLogger,
      stopping: stopping.signal,
      backoff: { firstMs: 1, longestMs: 1 },
    });
    first.end(REFUSED);
    await until(() => coming.length === 0, { timeoutMs: 1_000, what: 'the second is being made' });
    stopping.abort();
    const stopped = worker.stop();
    finish(second.worker);
    await stopped;
    expect(second.worker.getState()).toBe('STOPPED');
  });

  it('begins with the connection of its own time; one that runs takes over the new one', async () => {
    const { worker, made } = await steady([undefined, undefined]);
    const connection: NativeConnection = JSON.parse('{}');
    worker.takeOver(connection);
    expect(made[0]?.worker.connection).toBe(connection);
    made[0]?.end(REFUSED);
    await until(() => made.length === 2, { timeoutMs: 1_000, what: 'the next worker' });
    expect(made[1]?.worker.connection).toBeUndefined();
    await worker.stop();
  });

  it('at start is no defect: the process ends as for any server that is not there', async () => {
    await expect(steady([REFUSED])).rejects.toThrow(DependencyUnavailableError);
  });

  it('is told from one that breaks, and from one that cannot be made: these end the process', async () => {
    const { worker, made } = await steady([undefined]);
    made[0]?.end(new TypeError('a defect'));
    await expect(worker.ended).rejects.toThrow(TypeError);
    const other = await steady([undefined, REFUSED, new TypeError('a defect')]);
    other.made[0]?.end(REFUSED);
    await expect(other.worker.ended).rejects.toThrow(TypeError);
    expect(other.asked()).toBe(3);
  });
});
