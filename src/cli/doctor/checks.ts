import type { Problem } from '../../config/problem.ts';
import type { Check } from '../../operator/doctor/examine.ts';
import { asTold, CannotTell, type Found, ok } from '../../operator/doctor/findings.ts';
import { type Examination, once } from './examination.ts';
import { kafkaChecks } from './kafka-checks.ts';
import { keyCheck } from './key-check.ts';
import { machineChecks } from './machine-checks.ts';
import { temporalChecks } from './temporal-checks.ts';
import { vendorChecks } from './vendor-checks.ts';

/** Every check there is, in the order of the catalogue. None of them needs another one to have passed. */
export function allChecks(examination: Examination): readonly Check[] {
  const { problems } = examination;
  const temporal = once(async () => await examination.sights.temporal());
  const shared = { ...examination, sights: { ...examination.sights, temporal } };
  const kafka = resting(problems, /^(?:VF_KAFKA_|VF_WINDOW$)/, kafkaChecks(shared));
  const server = resting(problems, /^(?:VF_TASK_QUEUE|VF_TEMPORAL_|VF_WINDOW$|TEMPORAL_)/, temporalChecks(shared));
  const vendor = resting(problems, /^(?:VF_FACEID_|NODE_TLS_|https?_proxy$|HTTPS?_PROXY$)/, vendorChecks(shared));
  const keys = resting(problems, /^VF_TOKEN_KEYS/, [keyCheck(shared)]);
  return [{ id: 'settings', look: () => judgeSettings(examination) }, ...machineChecks(shared), ...kafka, ...server, ...keys, ...vendor];
}

function judgeSettings({ problems, role }: Examination): readonly Found[] {
  if (problems.length === 0) return [ok(`complete for role ${role}`)];
  return problems.map(({ text }) => asTold('FAIL', text));
}

/** What rests on settings that cannot be used would be looked at with other ones. */
function resting(problems: readonly Problem[], on: RegExp, checks: readonly Check[]): readonly Check[] {
  const wrong = [...new Set(problems.flatMap(({ variables }) => variables.filter((name) => on.test(name))))];
  if (wrong.length === 0) return checks;
  const look = (): never => {
    throw new CannotTell(`${wrong.join(', ')}: mend the settings first`);
  };
  return checks.map(({ id }) => ({ id, look }));
}
