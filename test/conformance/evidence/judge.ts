import type { WireOutcome } from '../../../src/contracts/wire/outcome.ts';
import { verificationIdOf } from '../../../src/contracts/wire/token-identity.ts';
import { workflowIdOf } from '../../../src/domain/ids.ts';
import { logRecords } from '../../../src/emulator/log-lines.ts';
import { hasSeveralBodies, type SeenOutcome } from '../../support/pipeline.ts';
import { isVerdict, MAX_READS, takesBack } from '../referee.ts';
import { answeredInFull, hasRecordedVerdict, type Histories } from '../quota/paid.ts';
import type { MixedToken } from '../scenario-mix.ts';

/** Stands beside a verdict. */
const STORE_FAILED = 'EVIDENCE_STORE_FAILED';
const KINDS: Readonly<Record<string, string>> = {
  image_best: 'IMAGE_BEST',
  image_best_2: 'IMAGE_BEST_2',
  multifaces_image: 'MULTIFACES_IMAGE',
};

/** An image as the vendor's log tells of it. */
export type SentImage = { readonly field: string; readonly kind: string; readonly sha256: string; readonly bytes: number };
type Vendor = { readonly reads: number; readonly images: readonly SentImage[] };
export type Reference = WireOutcome['evidence'][number];

export type Sent = { readonly verificationId: string; readonly images: readonly SentImage[] };

/** A verification whose outcome refers to evidence. */
export type Kept = { readonly verificationId: string; readonly evidence: readonly Reference[] };

export type Judgement = {
  readonly reads: number;
  readonly mostReadsOfOneToken: number;
  readonly fourthReads: readonly string[];
  readonly lost: readonly string[];
  /** A verdict that the scenario cannot lead to, one taken back, one body too many, or one that a history has and nobody was told. */
  readonly changed: readonly string[];
  /** Read by processes that were killed before they could tell anybody. */
  readonly diedWithTheirProcess: number;
  /** Never answered in full, whoever broke off. */
  readonly unanswered: number;
  readonly verdicts: number;
  readonly withEvidence: number;
  readonly withoutImages: number;
  readonly storeFailed: number;
  /** Images were sent, and neither are they all there nor is it said. */
  readonly unaccounted: readonly string[];
  readonly kept: readonly Kept[];
  /** All that the vendor sent, kept or not. */
  readonly sent: readonly Sent[];
};

type Event = {
  readonly outcome: string;
  readonly revision: number;
  readonly reasons: readonly { readonly code: string }[];
  readonly evidence: readonly Reference[];
};
type Case = { readonly token: MixedToken; readonly id: string; readonly seen: readonly SeenOutcome[]; readonly vendor: Vendor };
type Told = Case & { readonly event: Event };

/** The vendor's log and the outcome topic are the referees, and the histories only of what a killed process had told. */
export async function judge(
  tokens: readonly MixedToken[],
  world: { readonly logPath: string; readonly client: Histories; readonly outcomes: ReadonlyMap<string, readonly SeenOutcome[]> },
): Promise<Judgement> {
  const vendor = await vendorsLog(world.logPath);
  const cases = tokens.map((token): Case => {
    const id = verificationIdOf(token.token);
    return { token, id, seen: world.outcomes.get(id) ?? [], vendor: vendor.get(id) ?? { reads: 0, images: [] } };
  });
  const told = cases.filter(({ seen }) => seen.length > 0).map((one): Told => ({ ...one, event: lastOf(one.seen) }));
  const verdicts = told.filter(({ event }) => isVerdict(event.outcome));
  const untold = told.filter(({ event }) => !isVerdict(event.outcome));
  const answered = await answeredInFull(world.logPath);
  const withheld: Told[] = [];
  for (const one of untold) if (await hasRecordedVerdict(world.client, { workflowId: workflowIdOf(one.id) })) withheld.push(one);
  const changed = [
    ...verdicts.filter((one) => !isRight(one)),
    ...told.filter(({ seen }) => hasSeveralBodies(seen) || takesBack(eventsOf(seen))),
    ...withheld,
  ];
  const sawImages = verdicts.filter(({ vendor: { images } }) => images.length > 0);
  const whole = sawImages.filter((one) => hasAll(one));
  const failed = sawImages.filter((one) => saysFailed(one) && !hasAll(one) && hasNothingElse(one));
  return {
    reads: [...vendor.values()].reduce((sum, { reads }) => sum + reads, 0),
    mostReadsOfOneToken: Math.max(...[...vendor.values()].map(({ reads }) => reads)),
    fourthReads: [...vendor].filter(([, { reads }]) => reads > MAX_READS).map(([id]) => id),
    lost: cases.filter(({ seen }) => seen.length === 0).map(({ token, id }) => `${token.scenario} ${id}`),
    changed: changed.map(textOf),
    diedWithTheirProcess: untold.filter((one) => answered.has(one.id) && !withheld.includes(one)).length,
    unanswered: untold.filter((one) => !answered.has(one.id)).length,
    verdicts: verdicts.length,
    withEvidence: whole.length,
    withoutImages: verdicts.length - sawImages.length,
    storeFailed: failed.length,
    unaccounted: [
      ...sawImages.filter((one) => !whole.includes(one) && !failed.includes(one)),
      ...whole.filter(saysFailed),
      ...told.filter((one) => !sawImages.includes(one) && one.event.evidence.length > 0),
    ].map(textOf),
    kept: sawImages
      .filter(({ event }) => event.evidence.length > 0)
      .map(({ id, event }) => ({ verificationId: id, evidence: event.evidence })),
    sent: cases.map(({ id, vendor: { images } }) => ({ verificationId: id, images })),
  };
}

/** How often each was read, and what images its last answer with any held: each read of a token is sent the same. */
async function vendorsLog(logPath: string): Promise<ReadonlyMap<string, Vendor>> {
  const seen = new Map<string, Vendor>();
  for await (const record of logRecords(logPath)) {
    if (record.type !== 'read') continue;
    const before = seen.get(record.verificationId) ?? { reads: 0, images: [] };
    const images = record.images?.map((image) => ({ ...image, kind: KINDS[image.field] ?? image.field }));
    seen.set(record.verificationId, { reads: before.reads + 1, images: images ?? before.images });
  }
  return seen;
}

function eventsOf(seen: readonly SeenOutcome[]): readonly Event[] {
  return seen.map(({ value }): Event => JSON.parse(value));
}

function lastOf(seen: readonly SeenOutcome[]): Event {
  return eventsOf(seen).reduce((last, one) => (one.revision > last.revision ? one : last));
}

function isRight({ token: { expected }, event }: Told): boolean {
  const primary = event.reasons.find(({ code }) => code !== STORE_FAILED)?.code ?? null;
  return event.outcome === expected.outcome && primary === expected.reason;
}

function saysFailed({ event }: Told): boolean {
  return event.reasons.some(({ code }) => code === STORE_FAILED);
}

function tally(all: readonly Pick<SentImage, 'kind' | 'sha256' | 'bytes'>[]): readonly string[] {
  return all.map(({ kind, sha256, bytes }) => `${kind} ${sha256} ${bytes}`).toSorted();
}

function hasAll({ event, vendor }: Told): boolean {
  return tally(event.evidence).join() === tally(vendor.images).join();
}

function hasNothingElse({ event, vendor }: Told): boolean {
  const sent = new Set(tally(vendor.images));
  return tally(event.evidence).every((one) => sent.has(one));
}

function textOf({ token, id, event, vendor }: Told): string {
  const why = event.reasons.map(({ code }) => code).join('+');
  return `${token.scenario} ${id} r${event.revision}:${event.outcome}/${why} ${event.evidence.length} of ${vendor.images.length} images, ${vendor.reads} reads`;
}
