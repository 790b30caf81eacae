import { type ListedBlob, StoreError } from './blob-store.ts';

/** What a server answered: status, and of a refusal the body, which is XML. */
export type S3Answer = { readonly status: number; readonly text: string };

/** The code in the body of an error, e.g. `NoSuchKey`; undefined if it has none of a closed form. */
export function codeOf({ text }: S3Answer): string | undefined {
  return /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(text)?.[1];
}

type Settings = {
  /** Names the store, e.g. `VF_EVIDENCE_STORE`. */
  readonly setting: string;
  /** Begins the names of the settings of its server, e.g. `VF_EVIDENCE_S3`. */
  readonly serverSetting: string;
  /** Where its region comes from, if not from there. */
  readonly regionSetting?: string;
};

/** The error for an answer that is none of the expected ones. Names the setting to change; holds nothing of the answer but status and code. */
export function refusalOf(answer: S3Answer, settings: Settings): StoreError {
  const { setting } = settings;
  const { status } = answer;
  const code = codeOf(answer);
  const said = code === undefined ? `status ${status}` : `${code}, status ${status}`;
  const remedy = REMEDIES[code ?? '']?.(settings);
  if (status === 507 || /(Full|QuotaExceeded|QuotaExceededException|InsufficientStorage|NoSpace)/i.test(code ?? ''))
    return new StoreError('FULL', `${setting}: the server has no room (${said}); make some`);
  if (PASSING.has(code ?? '') || status === 408 || status === 409)
    return new StoreError(
      'UNREACHABLE',
      `${setting}: the server did not get the request whole, or is busy with another (${said}); it is worth another attempt`,
    );
  if (remedy !== undefined) return new StoreError('REFUSED', `${remedy} (${said})`);
  if (status === 429 || (status >= 500 && status !== 501))
    return new StoreError('UNREACHABLE', `${setting}: the server does not serve now (${said}); look at it if that lasts`);
  if (status >= 300 && status < 400) return new StoreError('REFUSED', `${WRONG_REGION(settings)} (${said})`);
  if (status === 401 || status === 403) return new StoreError('REFUSED', `${FORBIDDEN(settings)} (${said})`);
  if (status < 300)
    return new StoreError('REFUSED', `${setting}: what answers is no S3 server, it stores nothing (${said}); set the endpoint of one`);
  if (status === 413) return new StoreError('REFUSED', `${TOO_LARGE(settings)} (${said})`);
  return new StoreError(
    'REFUSED',
    `${setting}: the server refuses the request (${said}); look whether it is an S3 server that knows conditional writes`,
  );
}

/** S3 says 400 to what the way there has spoilt. */
const PASSING: ReadonlySet<string> = new Set([
  'RequestTimeout',
  'IncompleteBody',
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'OperationAborted',
]);

type Remedy = (settings: Settings) => string;

const WRONG_SECRET: Remedy = ({ serverSetting }) =>
  `${serverSetting}_SECRET_ACCESS_KEY: the server does not accept the secret; set the one of this access key`;
const WRONG_KEY: Remedy = ({ serverSetting }) =>
  `${serverSetting}_ACCESS_KEY_ID: the server does not know the access key; set one that it knows`;
const EXPIRED: Remedy = ({ serverSetting }) =>
  `${serverSetting}_SESSION_TOKEN: the session token is not valid, or no longer; set a new one with its access key and secret`;
const WRONG_REGION: Remedy = ({ serverSetting, regionSetting = `${serverSetting}_REGION` }) =>
  `${regionSetting}: the bucket is not of this region, or the endpoint of another; set both alike`;
const FORBIDDEN: Remedy = ({ setting }) =>
  `${setting}: the access key may not do this; let it get, put, delete and list objects of the bucket`;
const TOO_LARGE: Remedy = ({ setting }) => `${setting}: the server takes no objects of this size; make VF_EVIDENCE_MAX_BYTES smaller`;
const SKEWED: Remedy = ({ setting }) =>
  `${setting}: the clocks of this machine and of the server differ too much; set this machine's clock, or the server's`;

const REMEDIES: Readonly<Record<string, Remedy>> = {
  NoSuchBucket: ({ setting }) => `${setting}: there is no such bucket; make it, or name another`,
  SignatureDoesNotMatch: WRONG_SECRET,
  InvalidAccessKeyId: WRONG_KEY,
  // As versitygw says it.
  XAdminUserNotFound: WRONG_KEY,
  ExpiredToken: EXPIRED,
  InvalidToken: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  RequestTimeTooSkewed: SKEWED,
  RequestExpired: SKEWED,
  AuthorizationHeaderMalformed: WRONG_REGION,
  PermanentRedirect: WRONG_REGION,
  IllegalLocationConstraintException: WRONG_REGION,
  AccessDenied: FORBIDDEN,
  EntityTooLarge: TOO_LARGE,
};

export type S3Page = { readonly blobs: readonly ListedBlob[]; readonly next: string | undefined };

/** One page of a listing, or undefined if the text is none. Keys are as the server has them, the prefix included. */
export function parsePage(text: string): S3Page | undefined {
  // Without its end it was cut on the way, and what is missing would be taken for not there.
  if (!/<ListBucketResult[\s>].*<\/ListBucketResult>\s*$/s.test(text)) return undefined;
  const blobs = Array.from(text.matchAll(/<Contents>(.*?)<\/Contents>/gs), ([, entry = '']) => ({
    name: inXml(entry, 'Key') ?? '',
    bytes: Number(inXml(entry, 'Size') ?? Number.NaN),
    storedAtMs: Date.parse(inXml(entry, 'LastModified') ?? ''),
  }));
  if (blobs.some(({ bytes, storedAtMs }) => Number.isNaN(bytes) || Number.isNaN(storedAtMs))) return undefined;
  const isCut = inXml(text, 'IsTruncated') === 'true';
  const next = inXml(text, 'NextContinuationToken');
  if (isCut && next === undefined) return undefined;
  return { blobs, next: isCut ? next : undefined };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function inXml(text: string, element: string): string | undefined {
  const [, content] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(text) ?? [];
  return content?.replace(
    /&(?:#(\d{1,6})|#x([0-9a-fA-F]{1,5})|([a-z]{2,4}));/g,
    (whole, decimal?: string, hex?: string, named?: string) => {
      if (named !== undefined) return ENTITIES[named] ?? whole;
      return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal));
    },
  );
}
