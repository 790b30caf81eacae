import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import type { FoundEvidence } from '../../activities/ports.ts';
import { IMAGE_MARK, jpegOf } from '../../src/emulator/jpeg.ts';
import { mintToken } from '../../src/emulator/mint-token.ts';
import { SCENARIOS } from '../../src/emulator/scenarios.ts';
import { verificationIdOfToken } from '../../src/emulator/token-ref.ts';
import { createFaceIdClient, type FaceIdClient } from '../../src/faceid/client.ts';
import { API_KEY, API_SECRET, emulator, type Fixture } from './fixture.ts';

let vendor: Fixture;
let client: FaceIdClient;
const MAX_IMAGE_BYTES = 12_000_000;

beforeAll(async () => {
  vendor = await emulator();
  client = createFaceIdClient({
    baseUrl: vendor.baseUrl,
    apiKey: API_KEY,
    apiSecret: API_SECRET,
    timeoutMs: 20_000,
    maxImageBytes: MAX_IMAGE_BYTES,
  });
});
afterAll(async () => {
  await client.close();
  await vendor.close();
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const KINDS = { image_best: 'IMAGE_BEST', image_best_2: 'IMAGE_BEST_2', multifaces_image: 'MULTIFACES_IMAGE' } as const;
const sentImage = z.object({ field: z.enum(['image_best', 'image_best_2', 'multifaces_image']), sha256: z.string(), bytes: z.int() });
const seenReads = z.object({ history: z.array(z.object({ images: z.array(sentImage).optional() })) });

/** What the client found of what it asked for, and what the log says was sent. */
async function readOnce(scenario: string, returnImage: 0 | 1 | 2) {
  const token = mintToken({ scenario });
  const found: FoundEvidence[] = [];
  const evidence = { keepAnswer: false, found: (brought: readonly FoundEvidence[]) => void found.push(...brought) };
  const report = await client.getResult({ token, returnImage, evidence, notAfterMs: Date.now() + 60_000 });
  const { body } = await vendor.admin(`/reads/${verificationIdOfToken(token)}`);
  const sent = seenReads.parse(body).history.flatMap(({ images = [] }) => images);
  return { report, found, sent };
}

/** These take time, or hold a connection. */
const SLOW = ['hung', 'hung-once', 'hung-<n>', 'slow-<ms>'];
const NAMES = SCENARIOS.map(({ name }) => name)
  .filter((name) => !SLOW.includes(name))
  .map((name) => name.replace(/<\w+>/, '0'));

test.each(NAMES)('%s: what the client finds is what the log says was sent, and nothing else', async (scenario) => {
  const { report, found, sent } = await readOnce(scenario, 2);
  const told = (report.kind === 'ANSWER' ? sent : []).map(({ field, ...rest }) => ({ kind: KINDS[field], ...rest }));
  const got = found.map(({ kind, bytes }) => ({ kind, sha256: sha256(bytes), bytes: bytes.length }));
  expect(got).toEqual(told.toSorted((one, other) => Object.values(KINDS).indexOf(one.kind) - Object.values(KINDS).indexOf(other.kind)));
});

it.each(NAMES.filter((name) => name.startsWith('image-')))('%s: without images asked for it is a plain answer', async (scenario) => {
  const plain = await readOnce(scenario, 0);
  expect([plain.sent, plain.found]).toEqual([[], []]);
  const asked = await readOnce(scenario, 2);
  if (plain.report.kind !== 'ANSWER' || asked.report.kind !== 'ANSWER') throw new Error('no answer');
  const { quirks: _some, vendorRequestIds: _ids, timeUsedMs: _took, ...meant } = asked.report.answer;
  expect(plain.report.answer).toMatchObject(meant);
});

test('the same token has the same images with each read, and another token others', () => {
  expect(jpegOf('a:image_best', 5_000)).toEqual(jpegOf('a:image_best', 5_000));
  expect(jpegOf('a:image_best', 5_000)).not.toEqual(jpegOf('b:image_best', 5_000));
});

describe('a JPEG of the emulator', () => {
  it.each([0, 300, 500, 65_000, 66_000, 131_200, 200_001])(
    'of %i bytes is a chain of segments from its start to its end, and marked',
    (bytes) => {
      const image = jpegOf('seed', bytes);
      if (bytes >= 500) expect(image.length).toBe(bytes);
      expect(image.includes(IMAGE_MARK)).toBe(true);
      let at = 2;
      while (image.readUInt16BE(at) !== 0xffda) {
        expect(image[at]).toBe(0xff);
        at += 2 + image.readUInt16BE(at + 2);
      }
      expect([image.readUInt16BE(0), image.readUInt16BE(image.length - 2)]).toEqual([0xffd8, 0xffd9]);
    },
  );
});

test('two images of 12 MB are taken whole', async () => {
  const { report, found, sent } = await readOnce(`image-bytes-${MAX_IMAGE_BYTES}`, 2);
  expect(report.kind).toBe('ANSWER');
  expect(found.map(({ bytes }) => [sha256(bytes), bytes.length])).toEqual(sent.map((image) => [image.sha256, MAX_IMAGE_BYTES]));
  expect(found).toHaveLength(2);
});

test('an answer that is larger than all images may be is not taken', async () => {
  const { report } = await readOnce(`image-bytes-${MAX_IMAGE_BYTES * 3}`, 2);
  expect(report).toMatchObject({ kind: 'UNCERTAIN', cause: 'BODY_TOO_LARGE' });
});
