import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/workflow';

/**
 * Temporal's own conversion, except that what cannot be decoded becomes `undefined`. A signal with such a payload (the UI
 * lets anybody choose the encoding) would otherwise fail every workflow task of the verification, past its deadline, and
 * a reset would send it again. Whoever takes a value checks it: `hintOf` the signals, `assertInput` the input,
 * `contracts/recorded.ts` what activities answer.
 */
export const payloadConverter: Readonly<PayloadConverter> = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload: (payload, context, hint) => {
    try {
      return defaultPayloadConverter.fromPayload(payload, context, hint);
    } catch {
      return defaultPayloadConverter.fromPayload(defaultPayloadConverter.toPayload(undefined, context), context);
    }
  },
};
