import { duration, flag, integer, name, oneOf } from './fields.ts';
import { accessKeyId, sessionToken, storeAddress, storeAddressOrOff } from './evidence-store.ts';
import { storeEndpoint } from './http-url.ts';
import { MAX_EVIDENCE_TIMEOUT_MS } from './timeouts.ts';
import { tokenKeys } from './token-keys.ts';
import { optional, path, secretText, withDefault } from './variable.ts';

const HOUR_MS = 3_600_000;
const MEBIBYTE = 1_048_576;

/** Where evidence is kept and under which keys. Which of them belong together, evidence-rules.ts says. */
export const evidenceVariables = {
  VF_EVIDENCE_STORE: withDefault(storeAddressOrOff(), {
    description: 'Where images, and if wanted the answer itself, are kept, encrypted; `off`: nowhere. See docs/evidence.md.',
    form: 'off, file:/folder or s3://bucket/prefix',
    default: 'off',
  }),
  VF_EVIDENCE_KEY_STORE: optional(storeAddress(), {
    description:
      'Where the wrapped keys of the evidence are kept, apart from it: a bucket or folder of its own, without versions and without backups, or erasing is none. Workers need it once a store is on.',
    form: 'file:/folder or s3://bucket/prefix',
  }),
  VF_RETURN_IMAGE: withDefault(oneOf(['0', '1', '2']), {
    description:
      'Images that a verification asks the vendor for if its request has no `returnImage`: none, the best, the two best. Read where requests are admitted; without a store in the workers none is asked for.',
    form: '0, 1 or 2',
    default: '0',
  }),
  VF_EVIDENCE_KEEP_ANSWER: withDefault(flag(), {
    description:
      "Keep the vendor's answer itself too, whole and as it came, of every verification: with images in it, it is as large as all of them, and a third larger.",
    form: 'true or false',
    default: 'false',
  }),
  VF_EVIDENCE_KEYS: optional(tokenKeys(), {
    description:
      'Keys that wrap the keys of the evidence: the first one wraps, all of them unwrap. Workers need them once a store is on. Rotate by putting a new one in front.',
    form: 'id:base64-of-32-bytes[,…]',
    secret: true,
  }),
  VF_EVIDENCE_KEYS_FILE: path('File that holds these keys, instead of the variable itself; there each may have a line of its own.'),
  VF_EVIDENCE_TTL: withDefault(duration({ minMs: HOUR_MS, maxMs: 87_600 * HOUR_MS }), {
    description:
      'How long evidence is kept, from the first of a verification on. It goes with the key record: what is kept already keeps its time.',
    form: 'duration',
    default: '720h',
  }),
  VF_EVIDENCE_TIMEOUT: withDefault(duration({ minMs: 1_000, maxMs: MAX_EVIDENCE_TIMEOUT_MS }), {
    description: 'How long a read puts its evidence again while a store does not take it; then the verdict goes out without.',
    form: 'duration',
    default: '20s',
  }),
  VF_EVIDENCE_MAX_BYTES: withDefault(integer({ min: 65_536, max: 64 * MEBIBYTE }), {
    description: 'Largest single object, before encryption. Larger ones are not kept.',
    form: 'bytes',
    default: '16777216',
  }),
  VF_EVIDENCE_MEMORY: withDefault(integer({ min: MEBIBYTE, max: 65_536 * MEBIBYTE }), {
    description:
      'Bytes of evidence that a worker holds at once, twice what it keeps at the time; further evidence waits for room. At least eight times `VF_EVIDENCE_MAX_BYTES`.',
    form: 'bytes',
    default: '268435456',
  }),
  VF_EVIDENCE_S3_ENDPOINT: optional(storeEndpoint(), {
    description: 'Address of the S3 server; absent: that of AWS in the region. Buckets are written into the path.',
    form: 'URL',
  }),
  VF_EVIDENCE_S3_REGION: withDefault(name(), { description: 'Region of the S3 server.', form: 'name', default: 'us-east-1' }),
  VF_EVIDENCE_S3_WITHOUT_TLS: withDefault(flag(), {
    description: 'Allow plain HTTP to S3 servers elsewhere: ciphertexts, wrapped keys and session tokens can then be read on the way.',
    form: 'true or false',
    default: 'false',
  }),
  VF_EVIDENCE_S3_ACCESS_KEY_ID: optional(accessKeyId(), { description: 'Access key of the S3 server.', form: 'text', secret: true }),
  VF_EVIDENCE_S3_ACCESS_KEY_ID_FILE: path('File that holds the access key, instead of the variable itself.'),
  VF_EVIDENCE_S3_SECRET_ACCESS_KEY: secretText('Secret of that access key.'),
  VF_EVIDENCE_S3_SECRET_ACCESS_KEY_FILE: path('File that holds the secret, instead of the variable itself.'),
  VF_EVIDENCE_S3_SESSION_TOKEN: optional(sessionToken(), {
    description: 'Session token, where the access key is a temporary one.',
    form: 'text',
    secret: true,
  }),
  VF_EVIDENCE_S3_SESSION_TOKEN_FILE: path('File that holds the session token, instead of the variable itself.'),
  VF_EVIDENCE_KEY_STORE_S3_ENDPOINT: optional(storeEndpoint(), {
    description: 'Address of the S3 server of the keys; absent: that of the evidence.',
    form: 'URL',
  }),
  VF_EVIDENCE_KEY_STORE_S3_REGION: optional(name(), {
    description: 'Region of the S3 server of the keys; absent: that of the evidence.',
    form: 'name',
  }),
  VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID: optional(accessKeyId(), {
    description: 'Access key for the key store; absent: all three are those of the evidence.',
    form: 'text',
    secret: true,
  }),
  VF_EVIDENCE_KEY_STORE_S3_ACCESS_KEY_ID_FILE: path('File that holds this access key, instead of the variable itself.'),
  VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY: secretText('Secret of that access key.'),
  VF_EVIDENCE_KEY_STORE_S3_SECRET_ACCESS_KEY_FILE: path('File that holds this secret, instead of the variable itself.'),
  VF_EVIDENCE_KEY_STORE_S3_SESSION_TOKEN: optional(sessionToken(), {
    description: 'Session token for the key store, where its access key is a temporary one.',
    form: 'text',
    secret: true,
  }),
  VF_EVIDENCE_KEY_STORE_S3_SESSION_TOKEN_FILE: path('File that holds this session token, instead of the variable itself.'),
};
