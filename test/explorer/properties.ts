import type { Answer } from '../../src/domain/judging/answer.ts';
import { isVerdict } from '../../src/domain/ledger/revisions.ts';
import type { OutcomeEvent } from '../../src/domain/outcome.ts';
import { idOf } from './interned.ts';
import type { Size } from './size.ts';
import type { Run, World } from './world.ts';

// What must hold in every state. The referee is the vendor of the model, the topic, and what histories hold; none of it is
// counted by the code under test.

export const PROPERTIES = {
  QUOTA: 'requests that left and were not credibly refused are at most as many as the vendor allows',
  REFUSALS: 'requests that left are at most as many as the vendor allows and refusals are forgiven',
  WINDOW: 'no request leaves after the window',
  ONE_BODY: 'a revision has one body',
  TAKEN_BACK: 'no EXPIRED or ERROR supersedes a verdict',
  UNORDERED: 'a verdict gives way to another one only by an order newer than every one before',
  RULED: 'what a person decides holds upon the revision that was looked at, and gives way to nothing but a decision upon it',
  UNTRUE: 'PASSED and FAILED are what the vendor said, by the policy that they name, or what a person decided',
  LOST: 'the last run ends with the verdict that some history holds an answer for',
  NO_END: 'every run can still end',
} as const;
export type PropertyName = keyof typeof PROPERTIES;

export type Violation = { readonly property: PropertyName; readonly says: string };

/** What the step to `world` has broken, NO_END aside, which only the whole graph can tell. */
export function violationIn(world: World, { before, size }: { readonly before: World; readonly size: Size }): Violation | undefined {
  if (world.vendor !== before.vendor) {
    const found = vendorViolation(world, size);
    if (found !== undefined) return found;
  }
  if (world.topic !== before.topic || world.perhaps !== before.perhaps) {
    const found = topicViolation(world);
    if (found !== undefined) return found;
  }
  if (world.revisionGrants !== before.revisionGrants) {
    const found = unordered(world) ?? unruled(world);
    if (found !== undefined) return found;
  }
  const ended = world.runs.some((run, index) => run.status === 'COMPLETED' && before.runs[index]?.status === 'OPEN');
  // As long as another one is open, under another workflow id, it may still tell what it knows.
  return ended && world.runs.every(({ status }) => status !== 'OPEN') ? lostVerdict(world) : undefined;
}

function vendorViolation({ vendor }: World, { maxReads, maxRefusals }: Size): Violation | undefined {
  const { requests, counted, late } = vendor;
  if (counted > maxReads) {
    return { property: 'QUOTA', says: `${counted} requests left and were not credibly refused; the vendor allows ${maxReads}` };
  }
  if (requests > maxReads + maxRefusals) {
    return { property: 'REFUSALS', says: `${requests} requests left; ${maxReads} are allowed and ${maxRefusals} refusals forgiven` };
  }
  return late > 0 ? { property: 'WINDOW', says: 'a request left after the window' } : undefined;
}

function topicViolation(world: World): Violation | undefined {
  const { vendor } = world;
  const unheard = world.perhaps.filter((event) => !world.topic.some((other) => idOf(other) === idOf(event)));
  const topic = [...world.topic, ...unheard].toSorted((one, other) => one.revision - other.revision);
  for (const [index, event] of topic.entries()) {
    const earlier = topic[index - 1];
    if (earlier?.revision === event.revision) return { property: 'ONE_BODY', says: `revision ${event.revision} has two bodies` };
    if (earlier !== undefined && isVerdict(earlier) && !isVerdict(event)) {
      return { property: 'TAKEN_BACK', says: `${event.outcome} supersedes ${earlier.outcome}` };
    }
    if (isByHand(event)) continue;
    if ((event.outcome === 'PASSED' || event.outcome === 'FAILED') && event.outcome !== trueOutcome(vendor.ended, event)) {
      return { property: 'UNTRUE', says: `${event.outcome} is told, and the vendor said ${vendor.ended ?? 'nothing final'}` };
    }
  }
  return undefined;
}

/** Orders are looked up in the inputs of the runs; what a grant says of them comes from the code under test. */
function unordered({ topic, revisionGrants, runs }: World): Violation | undefined {
  const orderOf = (runId: string): string => runs.find(({ id }) => id === runId)?.input.replay?.requestedAt ?? '';
  const byRevision = revisionGrants.toSorted((one, other) => one.revision - other.revision);
  for (const [index, { revision, event, grantedTo }] of byRevision.entries()) {
    const earlier = byRevision.slice(0, index);
    const superseded = earlier.at(-1)?.event ?? topic.find((other) => other.revision === revision - 1);
    if (superseded === undefined || !isVerdict(superseded) || !isVerdict(event) || superseded.outcome === event.outcome) continue;
    const order = orderOf(grantedTo.runId);
    if (order !== '' && earlier.every((one) => orderOf(one.grantedTo.runId) < order)) continue;
    return { property: 'UNORDERED', says: `${event.outcome} supersedes ${superseded.outcome}, and no newer order asks for it` };
  }
  return undefined;
}

/** Decisions are looked up in the inputs of the runs, too. */
function unruled({ revisionGrants, runs }: World): Violation | undefined {
  const rulingOf = ({ grantedTo }: Granted) => runs.find(({ id }) => id === grantedTo.runId)?.input.replay?.ruling;
  for (const grant of revisionGrants) {
    const ruling = rulingOf(grant);
    const superseded = revisionGrants.find(({ revision }) => revision === grant.revision - 1);
    const isRuled = superseded !== undefined && rulingOf(superseded) !== undefined;
    if (isByHand(grant.event) !== (ruling !== undefined))
      return { property: 'RULED', says: `revision ${grant.revision} is another's word` };
    if (ruling?.upon === grant.revision - 1 || (ruling === undefined && !isRuled)) continue;
    return { property: 'RULED', says: `revision ${grant.revision} takes the place of one that nobody looked at, or that a person decided` };
  }
  return undefined;
}

type Granted = World['revisionGrants'][number];

function isByHand({ reasons: [primary] }: OutcomeEvent): boolean {
  return primary?.code === 'MANUAL_APPROVED' || primary?.code === 'MANUAL_REJECTED';
}

/** The confidence of the model's answers lies below the strictest threshold and above the others. */
function trueOutcome(ended: World['vendor']['ended'], { policy }: OutcomeEvent): string | undefined {
  return ended === 'PASSED' && policy.requiredFar === '1e-6' ? 'FAILED' : ended;
}

function lostVerdict({ runs, topic }: World): Violation | undefined {
  const holder = runs.find(holdsVerdict);
  if (holder === undefined) return undefined;
  const latest = topic.reduce<OutcomeEvent | undefined>(
    (last, event) => (last === undefined || event.revision > last.revision ? event : last),
    undefined,
  );
  if (latest !== undefined && isVerdict(latest)) return undefined;
  return {
    property: 'LOST',
    says: `the history of ${holder.id} holds the vendor's final answer, and the latest outcome is ${latest?.outcome ?? 'none'}`,
  };
}

function holdsVerdict({ tasks, inbox }: Run): boolean {
  const told = [...tasks.flatMap((task) => task.told), ...inbox];
  return told.some((one) => one.kind === 'READ_COMPLETED' && one.answer.kind === 'ANSWER' && isFinal(one.answer.answer));
}

function isFinal({ status, verifyError, comparisons }: Answer): boolean {
  return status === 'OK' && verifyError === undefined && comparisons.length > 0;
}
