import { runCommand, runOrThrow } from './run-command.ts';

/** Names of the services in `docker-compose.yml` and the host ports that file publishes. */
const SERVICES = ['kafka', 'temporal'];
export const DOCKER_KAFKA_BROKERS = '127.0.0.1:29092';
export const DOCKER_TEMPORAL_ADDRESS = '127.0.0.1:7233';
export const DOCKER_TEMPORAL_UI_URL = 'http://127.0.0.1:8233';

/** True when an engine answers and the compose plugin is there. Takes 5 s at most. */
export async function hasDockerEngine(): Promise<boolean> {
  const [engine, compose] = await Promise.all([
    runCommand('docker', ['info'], { timeoutMs: 5_000 }),
    runCommand('docker', ['compose', 'version'], { timeoutMs: 5_000 }),
  ]);
  return engine.code === 0 && compose.code === 0;
}

/** A compose project of this process alone: what the user runs from the same file is neither adopted nor taken down. */
const PROJECT = ['compose', '--project-name', `verdictflow-local-${process.pid}`];

/** Starts Kafka and Temporal from the compose file in `projectDir` and resolves when their health checks pass; after a failure nothing is left. */
export async function dockerUp(projectDir: string): Promise<void> {
  try {
    await runOrThrow('docker', [...PROJECT, 'up', '--detach', '--wait', ...SERVICES], {
      cwd: projectDir,
      remedy: 'Its ports 29092, 7233 and 8233 must be free, e.g. of a "docker compose up" of yours.',
    });
  } catch (error) {
    // Why it did not start matters more than why the rest of it stays, so both are told.
    const [down] = await Promise.allSettled([dockerDown(projectDir)]);
    if (down.status === 'fulfilled') throw error;
    throw new AggregateError([error, down.reason], [error, down.reason].map(String).join('\n'), { cause: error });
  }
}

export async function dockerDown(projectDir: string): Promise<void> {
  await runOrThrow('docker', [...PROJECT, 'down', '--volumes'], {
    cwd: projectDir,
    remedy: `Run "docker ${PROJECT.join(' ')} down --volumes" by hand.`,
  });
}
