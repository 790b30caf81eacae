import { defined } from '../src/domain/defined.ts';
import type { ResultApi } from '../activities/ports.ts';
import { RATE_LIMIT_MAX_WAIT_MS } from '../src/config/timeouts.ts';
import { createFaceIdClient } from '../src/faceid/client.ts';
import { limitReads } from '../src/faceid/limiter.ts';
import type { RoleContext } from './context.ts';
import { revealed } from './settings.ts';

/** The vendor's client, within the configured rate. */
export function openVendor({ config, live, lifecycle, logger }: RoleContext): ResultApi {
  const { baseUrl, proxy, timeoutMs, maxReadsPerSecond, maxConcurrent } = config.faceId;
  const client = createFaceIdClient({
    baseUrl,
    get apiKey() {
      return revealed(live.current().faceId.apiKey, 'VF_FACEID_API_KEY');
    },
    get apiSecret() {
      return revealed(live.current().faceId.apiSecret, 'VF_FACEID_API_SECRET');
    },
    timeoutMs,
    ...(proxy === undefined ? {} : { proxy: { origin: proxy.origin, ...defined({ authorization: proxy.authorization?.reveal() }) } }),
  });
  if (proxy !== undefined) logger.info({ event: 'vendor-proxy', proxy: proxy.origin, setting: proxy.setting }, 'reads go through a proxy');
  lifecycle.onStop('vendor', () => client.close());
  if (maxReadsPerSecond === undefined && maxConcurrent === undefined) return client;
  return limitReads(client, {
    ...defined({ maxReadsPerSecond, maxConcurrent }),
    maxWaitMs: RATE_LIMIT_MAX_WAIT_MS,
  });
}
