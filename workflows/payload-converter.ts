import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/workflow';
import { isUnreadableOrder, UNREADABLE_METADATA } from '../src/contracts/unreadable.ts';

/**
 * Temporal's own conversion, except that what cannot be decoded becomes `undefined`. A signal with such a payload (the UI
 * lets anybody choose the encoding) would otherwise fail every workflow task of the verification, past its deadline, and
 * a reset would send it again. Whoever takes a value checks it: `hintOf` the signals, `assertInput` the input,
 * `contracts/recorded.ts` what activities answer.
 *
 * What this worker alone cannot decrypt is none of these: with the key it says something, so no workflow may go on without.
 * The workflow task fails, and Temporal repeats it until a worker has the key.
 */
export const payloadConverter: Readonly<PayloadConverter> = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload: (payload, context, hint) => {
    if (payload.metadata?.[UNREADABLE_METADATA]) throw new Error(whyOf(defaultPayloadConverter.fromPayload(payload, context)));
    try {
      return defaultPayloadConverter.fromPayload(payload, context, hint);
    } catch {
      return defaultPayloadConverter.fromPayload(defaultPayloadConverter.toPayload(undefined, context), context);
    }
  },
};

function whyOf(value: unknown): string {
  return isUnreadableOrder(value) ? value.why : 'a payload cannot be decrypted';
}
