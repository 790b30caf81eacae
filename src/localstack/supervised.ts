import { sleep } from '../async/sleep.ts';
import { type Engine, type EngineCommand, startEngine, startFailure } from './engine.ts';

/** A running engine that tests may hurt: ports and data survive both calls. */
export type EngineHandle = {
  pid(): number;
  /** Sends the signal; for SIGKILL and SIGTERM resolves when the process has ended. SIGSTOP makes a zombie, SIGCONT wakes it. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it if it still runs, starts it again on the same ports and data, and resolves when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export type Supervision = {
  readonly request: EngineCommand;
  readonly readyTimeoutMs: number;
  /** Resolves when the engine answers a real call; throws while it does not. */
  probe(): Promise<void>;
};

/** Starts an engine and resolves when it answers. Throws with the end of its log when it does not. */
export async function supervise(supervision: Supervision): Promise<EngineHandle> {
  let engine = await startAndProbe(supervision);
  return {
    pid: () => engine.pid,
    async kill(signal) {
      engine.signal(signal);
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await engine.untilGone();
    },
    async restart() {
      await engine.stop();
      engine = await startAndProbe(supervision);
    },
    stop: () => engine.stop(),
  };
}

async function startAndProbe(supervision: Supervision): Promise<Engine> {
  const engine = await startEngine(supervision.request);
  const deadline = Date.now() + supervision.readyTimeoutMs;
  while (Date.now() < deadline && engine.ended() === undefined) {
    const answered = await supervision.probe().then(
      () => true,
      () => false, // not ready yet; what is wrong in the end stands in the engine's log
    );
    if (answered) return engine;
    await sleep(100);
  }
  const failure = startFailure(supervision.request, engine.ended());
  await engine.stop();
  throw failure;
}
