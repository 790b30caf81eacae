import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';

/** A quarter of the 5 s in which a connection to Kafka must stand, and long enough for a first packet that is lost and sent again. */
const EACH_ADDRESS_MS = 1_250;

/**
 * Of a host with several addresses Node.js gives each but the last 250 ms: where both ways are longer than that, none is ever
 * reached. For the whole process, whoever connects in it: kafkajs, undici, the SDKs of others. To be called before anything connects.
 */
export function giveEachAddressTime(): void {
  setDefaultAutoSelectFamilyAttemptTimeout(EACH_ADDRESS_MS);
}
