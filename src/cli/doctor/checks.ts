import type { Problem } from '../../config/problem.ts';
import type { Check } from '../../operator/doctor/examine.ts';
import { asTold, CannotTell, type Found, ok } from '../../operator/doctor/findings.ts';
import { type Examination, once } from './examination.ts';
import { evidenceCheck } from './evidence-check.ts';
import { kafkaChecks } from './kafka-checks.ts';
import { keyChecks } from './key-check.ts';
import { machineChecks } from './machine-checks.ts';
import { temporalChecks } from './temporal-checks.ts';
import { vendorChecks } from './vendor-checks.ts';

/** Which checks rest on which settings. */
const RESTS: readonly (readonly [checks: RegExp, settings: RegExp])[] = [
  [/^kafka-/, /^(?:VF_KAFKA_|VF_WINDOW$)/],
  [/^(?:temporal-|search-attributes$)/, /^(?:VF_TASK_QUEUE|VF_TEMPORAL_|VF_WINDOW$|TEMPORAL_)/],
  // The region says which gate may hold the reads.
  [/^temporal-queues$/, /^VF_FACEID_BASE_URL$/],
  [/^sealing-keys$/, /^(?:VF_TOKEN_KEYS|VF_KAFKA_|VF_TASK_QUEUE|VF_TEMPORAL_|TEMPORAL_)/],
  [/^evidence-stores$/, /^VF_EVIDENCE_/],
  [/^payload-keys$/, /^(?:VF_PAYLOAD_|VF_KAFKA_|VF_TASK_QUEUE|VF_TEMPORAL_|TEMPORAL_)/],
  [/^vendor-/, /^(?:VF_FACEID_|NODE_TLS_|https?_proxy$|HTTPS?_PROXY$)/],
];

/** Every check there is, in the order of the catalogue. None of them needs another one to have passed. */
export function allChecks(examination: Examination): readonly Check[] {
  const temporal = once(async () => await examination.sights.temporal());
  const shared = { ...examination, sights: { ...examination.sights, temporal } };
  const seen = [
    ...machineChecks(shared),
    ...kafkaChecks(shared),
    ...temporalChecks(shared),
    ...keyChecks(shared),
    evidenceCheck(shared),
    ...vendorChecks(shared),
  ];
  return [{ id: 'settings', look: () => judgeSettings(examination) }, ...seen.map((check) => resting(check, examination.problems))];
}

function judgeSettings({ problems, role }: Examination): readonly Found[] {
  if (problems.length === 0) return [ok(`complete for role ${role}`)];
  return problems.map(({ text }) => asTold('FAIL', text));
}

/** What rests on settings that cannot be used would be looked at with other ones. */
function resting(check: Check, problems: readonly Problem[]): Check {
  const on = RESTS.filter(([checks]) => checks.test(check.id)).map(([, settings]) => settings);
  const wrong = new Set(problems.flatMap(({ variables }) => variables.filter((name) => on.some((one) => one.test(name)))));
  if (wrong.size === 0) return check;
  const look = (): never => {
    throw new CannotTell(`${[...wrong].join(', ')}: mend the settings first`);
  };
  return { id: check.id, look };
}
