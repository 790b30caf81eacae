import { probeStores } from '../../../workers/evidence.ts';
import { kafkaSettingsOf, payloadCodecOf, temporalSourceOf } from '../../../workers/settings.ts';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../contracts/logger.ts';
import { defined } from '../../domain/defined.ts';
import { createVendorSight } from '../../faceid/sight.ts';
import { createKafkaSight } from '../../kafka/sight.ts';
import type { VendorSight } from '../../operator/doctor/ports.ts';
import { connectTemporal } from '../../temporal/connect.ts';
import { createTemporalSight } from '../../temporal/sight.ts';
import type { Opened } from '../backend.ts';
import type { Sights } from './examination.ts';

/** Below the limit of a check, so that it is the reason that is told. */
const CONNECT_MS = 4_000;

export function openSights(config: Config, logger: Logger): Opened<Sights> {
  const { taskQueue } = config.temporal;
  const kafka = createKafkaSight({
    settings: kafkaSettingsOf(() => config),
    wishes: { ...config.kafka, windowMs: config.policy.settings.windowMs },
    groupId: config.kafka.groupId,
    logger,
  });
  const closing: (() => Promise<void>)[] = [];
  return {
    kafka,
    async temporal() {
      const link = await connectTemporal({
        native: false,
        requireNamespace: false,
        startupTimeoutMs: CONNECT_MS,
        ...temporalSourceOf(() => config),
        codec: payloadCodecOf({ current: () => config, refresh: () => undefined }),
        logger,
      });
      closing.push(() => link.close());
      return createTemporalSight({ link, taskQueue, region: config.faceId.region });
    },
    vendor: vendorSight(config),
    stores: async () => await probeStores({ current: () => config }),
    close: async () => {
      await Promise.all(closing.map((close) => close()));
    },
  };
}

function vendorSight({ faceId }: Config): VendorSight | undefined {
  const { baseUrl, apiKey, apiSecret, proxy, timeoutMs } = faceId;
  if (apiKey === undefined || apiSecret === undefined) return undefined;
  return createVendorSight({
    baseUrl,
    apiKey: apiKey.reveal(),
    apiSecret: apiSecret.reveal(),
    timeoutMs,
    ...(proxy === undefined ? {} : { proxy: { origin: proxy.origin, ...defined({ authorization: proxy.authorization?.reveal() }) } }),
  });
}
