import type { Config } from '../../config/config.ts';
import type { Problem } from '../../config/problem.ts';
import { ConfigurationError, ForeseenError } from '../../contracts/errors.ts';
import type { CheckId } from '../../operator/doctor/catalogue.ts';
import type { Check } from '../../operator/doctor/examine.ts';
import { asTold, CannotTell, type ExaminedRole, type Found, ok } from '../../operator/doctor/findings.ts';
import type { Env } from '../../operator/doctor/machine.ts';
import type { KafkaSight, TemporalSight, VendorSight } from '../../operator/doctor/ports.ts';
import { kafkaChecks } from './kafka-checks.ts';
import { keyCheck } from './key-check.ts';
import { machineChecks } from './machine-checks.ts';
import { temporalChecks } from './temporal-checks.ts';
import { vendorChecks } from './vendor-checks.ts';

/** What an examination looks through. Opening Temporal may fail, and then says why. */
export type Sights = {
  readonly kafka: KafkaSight;
  readonly temporal: () => Promise<TemporalSight>;
  /** Undefined without key and secret. */
  readonly vendor: VendorSight | undefined;
};

export type Examination = {
  readonly env: Env;
  readonly role: ExaminedRole;
  readonly problems: readonly Problem[];
  /** Of the settings that can be used. */
  readonly config: Config;
  readonly sights: Sights;
  readonly now: () => number;
  readonly sleep: (durationMs: number) => Promise<void>;
};

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

/** Asked for the first time it is needed. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return async () => await (result ??= work());
}

/** What `work` gives, or that it cannot be told because of what another check names. */
export async function ifSeen<T>(work: () => Promise<T>, elsewhere: { readonly what: string; readonly check: CheckId }): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // A defect is to be seen, not skipped.
    if (!(error instanceof ForeseenError)) throw error;
    throw new CannotTell(`${elsewhere.what}: see ${elsewhere.check}`);
  }
}

/** The problems of settings that are found only when they are used. */
export function settingsAtFault(error: unknown): readonly Found[] {
  if (!(error instanceof ConfigurationError)) throw error;
  return error.problems.map((text) => asTold('FAIL', text));
}
