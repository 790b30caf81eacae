import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startService } from '../measure/service.ts';
import { readsPerToken } from './reads.ts';

export type Vendor = {
  readonly baseUrl: string;
  /** From the vendor's own log: the oracle of "no fourth read". */
  readsPerToken(): Map<string, number>;
  stop(): Promise<void>;
};

/** Starts the emulated vendor in its own process. Its log of reads goes to `<logDir>/<runId>.reads.ndjson`. */
export async function startVendor({ runId, logDir }: { runId: string; logDir: string }): Promise<Vendor> {
  const readsPath = join(logDir, `${runId}.reads.ndjson`);
  const service = await startService({
    name: 'vendor emulator',
    args: ['--import', 'tsx', fileURLToPath(new URL('main.ts', import.meta.url)), readsPath],
    environment: {},
    logPath: join(logDir, `${runId}.vendor.log`),
  });
  const { url } = service.ready;
  if (typeof url !== 'string') throw new Error('the vendor emulator did not say where it listens');
  return {
    baseUrl: url,
    readsPerToken: () => readsPerToken(readFileSync(readsPath, 'utf8')),
    async stop() {
      await service.stop();
    },
  };
}
