import type { ClockOffset, VendorSight } from '../operator/doctor/ports.ts';
import { createFaceIdClient, type FaceIdClientOptions } from './client.ts';

/**
 * Anything that could be somebody's token might cost a read of theirs. This one was never issued and says so; it has the form of a
 * token, so that the vendor gets as far as looking for it, and is the same each time.
 */
export const IMPOSSIBLE_TOKEN = 'verdictflow-doctor-this-token-was-never-issued';

/** The header counts whole seconds, and cuts the rest off. */
const RESOLUTION_MS = 1_000;

/** The vendor as `doctor` sees it, by the client that makes the reads: one request, one connection, nothing repeated. */
export function createVendorSight(options: Omit<FaceIdClientOptions, 'onDate' | 'dispatcher' | 'now'>): VendorSight {
  return {
    async ask() {
      let clock: ClockOffset | undefined;
      const client = createFaceIdClient({
        ...options,
        onDate({ date, sentAtMs, endedAtMs }) {
          const theirsMs = Date.parse(date);
          if (!Number.isNaN(theirsMs)) clock = { leastMs: theirsMs - endedAtMs, mostMs: theirsMs + RESOLUTION_MS - sentAtMs };
        },
      });
      const notAfterMs = Date.now() + options.timeoutMs;
      const report = await client.getResult({ token: IMPOSSIBLE_TOKEN, returnImage: 0, notAfterMs });
      await client.close();
      return { report, ...(clock === undefined ? {} : { clock }) };
    },
  };
}
