import { MAX_VENDOR_TIMEOUT_MS } from './timeouts.ts';
import { decimal, duration, integer } from './fields.ts';
import { vendorUrl } from './http-url.ts';
import { optional, path, secretText, withDefault } from './variable.ts';

export const faceIdVariables = {
  VF_FACEID_BASE_URL: withDefault(vendorUrl(), {
    description: 'Vendor address; `/lite/raw/get_result` is appended. Plain HTTP is refused unless the host is loopback.',
    form: 'URL',
    default: 'https://api-sgp.megvii.com/faceid',
  }),
  VF_FACEID_API_KEY: secretText('API key of the vendor account.', ['all', 'worker']),
  VF_FACEID_API_KEY_FILE: path('File that holds the API key, instead of the variable itself.'),
  VF_FACEID_API_SECRET: secretText('API secret of the vendor account.', ['all', 'worker']),
  VF_FACEID_API_SECRET_FILE: path('File that holds the API secret, instead of the variable itself.'),
  VF_FACEID_TIMEOUT: withDefault(duration({ minMs: 100, maxMs: MAX_VENDOR_TIMEOUT_MS }), {
    description: 'Longest time one vendor request may take, connecting included. A request that exceeds it counts as a read.',
    form: 'duration',
    default: '10s',
  }),
  VF_FACEID_MAX_CALLS_PER_SECOND: optional(decimal({ min: 1, max: 10_000 }), {
    description:
      'Reads a second of the whole account, whatever the number of workers: they wait on a queue of their own, which the server lets go at this rate. Set it alike for all processes. Absent: no limit.',
    form: 'number',
  }),
  VF_GATE_DATA_SOURCE_ERRORS: withDefault(integer({ min: 0, max: 1_000 }), {
    description:
      'So many answers DATA_SOURCE_ERROR, which a worker gets within `VF_GATE_WINDOW`, make it hold the gate: the vendor asks to stop at the first one. 0: never.',
    form: 'integer',
    default: '1',
  }),
  VF_GATE_WINDOW: withDefault(duration({ minMs: 1_000, maxMs: 86_400_000 }), {
    description: 'How long a worker remembers a DATA_SOURCE_ERROR.',
    form: 'duration',
    default: '10m',
  }),
  VF_GATE_REFUSALS: withDefault(integer({ min: 0, max: 1_000 }), {
    description: 'So many answers AUTHENTICATION_ERROR or AUTHORIZATION_ERROR in a row make a worker hold the gate. 0: never.',
    form: 'integer',
    default: '5',
  }),
  VF_FACEID_MAX_CONCURRENT: optional(integer({ min: 1, max: 1_000 }), {
    description:
      'Vendor requests of this process in flight at once, at most. Fewer, if the vendor refuses so many (`CONCURRENCY_LIMIT_EXCEEDED`), until it takes more again.',
    form: 'integer',
  }),
};
