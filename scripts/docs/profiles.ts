import { formatDuration } from '../../src/config/duration.ts';
import { type PlannedRead, POLICY_PROFILES, type PolicyProfile } from '../../src/domain/policy.ts';
import { planOf } from '../../src/domain/reading/plan.ts';
import { markdownTable } from './tables.ts';

const SUITS: Readonly<Record<PolicyProfile, string>> = {
  issued: 'requests sent when the token is issued',
  completed: 'requests sent when the session has ended',
  hinted: 'hints arrive for most sessions',
  patient: 'latency does not matter; fewest reads',
  custom: 'times of your own',
  demo: '`npm run demo` only',
};

const ANCHORS = { ISSUED: 'issue', ADMITTED: 'admission', EXPIRY: 'token expiry' } as const;

/** When each profile reads, with the default number of reads and the default window. */
export function profileTable(): string {
  const rows = POLICY_PROFILES.map((profile) => [`\`${profile}\``, plan(profile), SUITS[profile]]);
  return markdownTable(['Profile', 'Planned reads', 'Suits'], rows);
}

function plan(profile: PolicyProfile): string {
  if (profile === 'custom') return 'issue + each of `VF_POLICY_CUSTOM_OFFSETS`';
  if (profile === 'demo') return 'as `issued`, compressed to the window of the demo';
  return planOf(profile, { maxReads: 3, windowMs: 24 * 3_600_000 })
    .map(plannedText)
    .join(' · ');
}

function plannedText({ anchor, offsetMs, notBeforeMs, reserve }: PlannedRead): string {
  const offset = offsetMs === 0 ? '' : ` + ${formatDuration(offsetMs)}`;
  const floor = notBeforeMs === 0 ? '' : `, at least issue + ${formatDuration(notBeforeMs)}`;
  return `${reserve ? '*reserve* at ' : ''}${ANCHORS[anchor]}${offset}${floor}`;
}
