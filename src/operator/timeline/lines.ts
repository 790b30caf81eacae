import { durationText } from '../../contracts/text/duration.ts';
import { triggerText } from '../../contracts/text/story.ts';
import { defined } from '../../domain/defined.ts';
import type { GrantedTo } from '../../domain/ledger/asking-run.ts';
import type { Fate } from '../../domain/reading/slots.ts';
import type { EventKind, EventOf, TimelineEvent } from './ports.ts';

/** How a line looks where there are colours. */
export const TONES = ['plain', 'wait', 'read', 'doubt', 'person', 'good', 'bad'] as const;
export type Tone = (typeof TONES)[number];

/** One line of the timeline: what happened, and what else there is to say about it. */
export type Line = {
  readonly at: string;
  readonly runId?: string;
  readonly what: string;
  readonly more: readonly string[];
  readonly tone: Tone;
};

type Told = { readonly what: string; readonly more?: readonly (string | undefined)[]; readonly tone?: Tone };
type Teller<K extends EventKind> = (event: EventOf<K>, nowMs: number) => Told;

/** The one table from what happened to what people read: a kind that is missing here does not compile. */
const TELLERS: { readonly [K in EventKind]: Teller<K> } = {
  ADMITTED: ({ topic, partition, offset, policy }) => ({
    what: `admitted from ${place({ topic, partition, offset })}`,
    more: [policy === undefined ? undefined : `policy ${policy}`],
  }),
  REPLAYED: ({ operator, reason, ticket }) => ({ what: `replayed by ${operator}`, more: [reason, ticket], tone: 'person' }),
  RULED: ({ verdict, reviewer, reason, ticket, upon }) => ({
    what: `${verdict.toLowerCase()} by hand by ${reviewer}`,
    more: [upon === undefined || upon === 0 ? undefined : `upon revision ${upon}`, reason, ticket],
    tone: 'person',
  }),
  STARTED_BY_HAND: ({ by }) => ({ what: `started by hand${byText(by)}`, tone: 'person' }),
  RESET: ({ by, reason }) => ({ what: `reset${byText(by)}`, more: [reason], tone: 'person' }),
  WAITED: toldWait,
  READ: toldRead,
  LEDGER_TOLD: ({ reads }) => ({
    what: `learnt from the ledger of ${reads} ${reads === 1 ? 'read' : 'reads'}, and decided again`,
    tone: 'doubt',
  }),
  HINTED: ({ hint, trusted, by }) => ({ what: `${trusted ? 'trusted hint' : 'hint'} ${hint}${byText(by)}`, tone: 'person' }),
  CANCEL_REQUESTED: ({ by }) => ({ what: `cancellation asked for${byText(by)}`, tone: 'person' }),
  DECIDED: ({ outcome, why, advice }) => ({
    what: `decided ${outcome}`,
    more: [why, advice === 'NONE' ? undefined : `advice ${advice}`],
    tone: toneOf(outcome),
  }),
  EMITTED: ({ outcome, ceId, again, ...receipt }) => ({
    what: `published ${outcome}${again === true ? ' again' : ''}`,
    more: [place(receipt), ceId],
    tone: toneOf(outcome),
  }),
  EMISSION_STOPPED: () => ({ what: 'the emission was stopped by hand', tone: 'doubt' }),
  EMISSION_PENDING: ({ attempt, failure }) => ({ what: `being published, attempt ${attempt}`, more: [failure], tone: 'doubt' }),
  READ_GRANTED: ({ read, to }) => ({
    what: `read ${read} granted${grantedText(to)}`,
    more: ['what came of it is not known'],
    tone: 'doubt',
  }),
  REVISION_GRANTED: ({ revision, outcome, reasons, actor, to }) => ({
    what: `revision ${revision}${outcome === undefined ? '' : `: ${outcome}`}${actor?.id === undefined ? grantedTo(to) : actorText(actor)}`,
    more: [reasons?.join(', '), actor?.justification],
    tone: actor?.type === 'SYSTEM' ? 'plain' : 'person',
  }),
  RUN_ENDED: ({ how, by, why }) => ({ what: `the run ended without an outcome: ${how}${byText(by)}`, more: [why], tone: 'bad' }),
};

/** The line of one event. `nowMs`: for what is not over yet. */
export function lineOf(event: TimelineEvent, nowMs: number): Line {
  const { what, more = [], tone = 'plain' } = tell(event, nowMs);
  const said = more.filter((text): text is string => text !== undefined && text !== '');
  return { at: event.at, ...defined({ runId: event.runId }), what: oneLine(what), more: said.map(oneLine), tone };
}

function tell<K extends EventKind>(event: EventOf<K>, nowMs: number): Told {
  const teller: ((one: EventOf<K>, atMs: number) => Told) | undefined = TELLERS[event.kind];
  return teller === undefined ? { what: event.kind } : teller(event, nowMs);
}

/** Texts that people wrote elsewhere must not move the cursor, colour the terminal or turn the writing round. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
}

const FATE_TEXT: Readonly<Record<Fate, string>> = {
  ANSWERED: 'counted',
  UNCERTAIN: 'uncertain, counted',
  REFUSED: 'refused, not counted',
  UNSENT: 'unsent, not counted',
  WITHHELD: 'withheld, not counted',
};

function toldWait({ at, why, follows, untilAt, endedAt, cutShort }: EventOf<'WAITED'>, nowMs: number): Told {
  const endMs = endedAt === undefined ? nowMs : Date.parse(endedAt);
  const lasted = durationText(endMs - Date.parse(at));
  if (endedAt !== undefined) return { what: `${why}: ${lasted}`, more: [cutShort === true ? 'cut short' : undefined], tone: 'wait' };
  const rest = durationText(Date.parse(untilAt) - nowMs);
  return { what: `${why}, for ${lasted} by now`, more: [`${follows ?? 'over'} in ${rest}`], tone: 'wait' };
}

function toldRead(read: EventOf<'READ'>, nowMs: number): Told {
  const { state, slot, number, maxReads, trigger, granted, worker, result, vendorRequestIds = [], fate } = read;
  const name = `read ${slot ?? number}${maxReads === undefined ? '' : ` of ${maxReads}`}`;
  const why = trigger === undefined ? undefined : triggerText(trigger);
  const by = worker === undefined ? undefined : `worker ${worker}`;
  const beyond = granted === undefined ? undefined : `granted as number ${granted} beyond the home run`;
  switch (state) {
    case 'PARKED':
      return {
        what: `${name} waits for a worker, for ${durationText(nowMs - Date.parse(read.at))} by now`,
        more: ['no worker takes it: none runs, or reads are held', why],
        tone: 'doubt',
      };
    case 'IN_FLIGHT':
      return {
        what: `${name} is in flight, for ${durationText(nowMs - Date.parse(read.startedAt ?? read.at))} by now`,
        more: [why, by],
        tone: 'read',
      };
    case 'RECOVERED':
      return { what: `${name} was not made: the ledger knew better`, more: [by], tone: 'doubt' };
    case 'ENDED':
      return {
        what: `${name}: ${result ?? 'ended'}`,
        more: [
          fate === undefined ? undefined : FATE_TEXT[fate],
          why,
          tookText(read),
          beyond,
          by,
          vendorRequestIds.length === 0 ? undefined : `vendor request ${vendorRequestIds.join(', ')}`,
        ],
        tone: fate === 'ANSWERED' ? 'read' : 'doubt',
      };
    default:
      return { what: `${name}: ${String(state)}` };
  }
}

function tookText({ at, startedAt, endedAt }: EventOf<'READ'>): string | undefined {
  return endedAt === undefined ? undefined : `took ${durationText(Date.parse(endedAt) - Date.parse(startedAt ?? at))}`;
}

function place({ topic, partition, offset }: { readonly topic: string; readonly partition: number; readonly offset: string }): string {
  return `${topic}, partition ${partition}, offset ${offset}`;
}

function byText(by: string | undefined): string {
  return by === undefined || by === '' ? '' : ` by ${by}`;
}

function actorText({ type, id = '' }: { readonly type: string; readonly id?: string }): string {
  return type === 'HUMAN' ? `, decided by hand by ${id}` : ` by ${id}`;
}

function grantedTo(to: GrantedTo | undefined): string {
  return to === undefined ? '' : `, granted${grantedText(to)}`;
}

function grantedText(to: GrantedTo | undefined): string {
  if (to === undefined) return '';
  if (to.replay === undefined) return ` to run ${to.runId}`;
  const { ruling, operator } = to.replay;
  return ruling === undefined ? ` to the replay of ${operator}` : ` to the decision of ${ruling.reviewer}`;
}

/** EXPIRED and ERROR say that nobody knows, which is no rejection. */
// No object: whoever completes a run by hand may write any text as its outcome, such as `valueOf`.
const TONE_OF: ReadonlyMap<string, Tone> = new Map([
  ['PASSED', 'good'],
  ['FAILED', 'bad'],
]);

/** How an outcome looks where there are colours. */
export function toneOf(outcome: string): Tone {
  return TONE_OF.get(outcome) ?? 'doubt';
}
