import type { Ruling } from '../../domain/ledger/asking-run.ts';
import { RULED_REASON } from '../../domain/judging/ruled.ts';
import { type Revision, rulingOf } from '../../domain/ledger/revisions.ts';
import type { OutcomeEvent } from '../../domain/outcome.ts';
import { primaryOf } from '../../domain/reasons.ts';
import type { PlanLine } from './plan-line.ts';
import type { KnownCase, RulingAsked } from './ports.ts';

/** What an order says of rulings: a new one, or one that was given before and is told again. */
export type Ruled = { readonly ruling: Ruling } | { readonly repeats: Ruling } | Record<string, never>;

/** `asked`: by `decide`; a replay asks for none, and leaves what a person decided as it is. */
export function ruledOn({ revisions }: Pick<KnownCase, 'revisions'>, asked: RulingAsked | undefined): Ruled {
  const latest = revisions.at(-1);
  const given = rulingOf(latest);
  if (given !== undefined && (asked === undefined || asked.verdict === given.verdict)) return { repeats: given };
  if (asked === undefined) return {};
  return { ruling: { verdict: asked.verdict, reviewer: asked.reviewer, upon: latest?.event.revision ?? 0 } };
}

type Choice = Pick<PlanLine, 'action' | 'code'>;

/** What becomes of a decision by a person: it needs an outcome that asks for one, and the one that the person saw. Pure. */
export function chooseRuling({ revisions, owed }: KnownCase, asked: RulingAsked): Choice {
  const latest = revisions.at(-1);
  const given = rulingOf(latest);
  if (given?.verdict === asked.verdict) return { action: 'RE_EMIT', code: owed ? 'EMISSION_UNCONFIRMED' : 'ALREADY_DECIDED' };
  const refusal = refusalOf(latest, asked);
  if (refusal !== undefined) return { action: 'REFUSE', code: refusal };
  return { action: 'DECIDE', code: latest?.event.outcome === 'NEEDS_REVIEW' ? 'FOR_REVIEW' : 'OVERRIDDEN' };
}

function refusalOf(latest: Revision | undefined, { revision, override }: RulingAsked): PlanLine['code'] | undefined {
  if (revision !== undefined && revision !== latest?.event.revision) return 'OTHER_REVISION';
  if (override === true || latest?.event.outcome === 'NEEDS_REVIEW') return undefined;
  return rulingOf(latest) === undefined ? 'NOT_FOR_REVIEW' : 'DECIDED_OTHERWISE';
}

/** True if an outcome says what was to be decided; else another one came before. */
export function saysRuling({ actor, reasons }: OutcomeEvent, { verdict }: Pick<RulingAsked, 'verdict'>): boolean {
  return actor.type === 'HUMAN' && primaryOf(reasons)?.code === RULED_REASON[verdict];
}
