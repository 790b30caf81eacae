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

/** Starts Kafka and Temporal from the compose file in `projectDir` and resolves when their health checks pass. */
export async function dockerUp(projectDir: string): Promise<void> {
  await runOrThrow('docker', ['compose', 'up', '--detach', '--wait', ...SERVICES], {
    cwd: projectDir,
    remedy: 'Look at "docker compose logs kafka temporal".',
  });
}

export async function dockerDown(projectDir: string): Promise<void> {
  await runOrThrow('docker', ['compose', 'down', '--volumes'], { cwd: projectDir, remedy: 'Run "docker compose down" by hand.' });
}
