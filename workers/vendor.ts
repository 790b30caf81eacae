import { defined } from '../src/domain/defined.ts';
import type { ResultApi } from '../activities/ports.ts';
import { RATE_LIMIT_MAX_WAIT_MS } from '../src/config/timeouts.ts';
import { createFaceIdClient } from '../src/faceid/client.ts';
import { limitReads } from '../src/faceid/limiter.ts';
import type { RoleContext } from './context.ts';
import { revealed } from './settings.ts';

/** The vendor's client, with no more reads at once than are configured, and than the account takes. */
export function openVendor({ config, live, lifecycle, logger, metrics }: RoleContext): ResultApi {
  const { baseUrl, proxy, timeoutMs, maxConcurrent } = config.faceId;
  const { maxBytes, memoryBytes } = config.evidence ?? {};
  const client = createFaceIdClient({
    baseUrl,
    get apiKey() {
      return revealed(live.current().faceId.apiKey, 'VF_FACEID_API_KEY');
    },
    get apiSecret() {
      return revealed(live.current().faceId.apiSecret, 'VF_FACEID_API_SECRET');
    },
    timeoutMs,
    ...defined({ maxImageBytes: maxBytes, maxBytesUnderWay: memoryBytes }),
    ...(proxy === undefined ? {} : { proxy: { origin: proxy.origin, ...defined({ authorization: proxy.authorization?.reveal() }) } }),
  });
  if (proxy !== undefined) logger.info({ event: 'vendor-proxy', proxy: proxy.origin, setting: proxy.setting }, 'reads go through a proxy');
  lifecycle.onStop('vendor', () => client.close());
  return limitReads(client, {
    ...defined({ maxConcurrent }),
    maxWaitMs: RATE_LIMIT_MAX_WAIT_MS,
    onLowered(places) {
      metrics.concurrencyRefusals.inc();
      logger.warn({ event: 'reads-at-once-lowered', places }, 'the vendor refuses so many reads at once; fewer are under way from now on');
    },
  });
}
