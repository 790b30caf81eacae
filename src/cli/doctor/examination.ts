import type { Config } from '../../config/config.ts';
import type { Problem } from '../../config/problem.ts';
import { ConfigurationError, ForeseenError } from '../../contracts/errors.ts';
import type { CheckId } from '../../operator/doctor/catalogue.ts';
import { asTold, CannotTell, type ExaminedRole, type Found } from '../../operator/doctor/findings.ts';
import type { Env } from '../../operator/doctor/machine.ts';
import type { KafkaSight, StoreSeen, TemporalSight, VendorSight } from '../../operator/doctor/ports.ts';

/** What an examination looks through. Opening Temporal may fail, and then says why. */
export type Sights = {
  readonly kafka: KafkaSight;
  readonly temporal: () => Promise<TemporalSight>;
  /** Undefined without key and secret. */
  readonly vendor: VendorSight | undefined;
  /** Writes, reads and deletes a probe in each store of evidence. */
  readonly stores: () => Promise<readonly StoreSeen[]>;
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
