import { LATE, withTimeout } from '../../async/timeout.ts';
import { ForeseenError } from '../../contracts/errors.ts';
import { type CheckId, CHECKS } from './catalogue.ts';
import { asTold, CannotTell, fail, type Finding, type Found, skipped } from './findings.ts';

export type Check = {
  readonly id: CheckId;
  /** Rejects with `CannotTell` if it cannot be looked at, with a foreseen error if that is what is wrong. */
  readonly look: () => Promise<readonly Found[]> | readonly Found[];
};

/** All at once, each within `limitMs`: one that fails or hangs keeps no other from being told. */
export async function examine(checks: readonly Check[], { limitMs }: { readonly limitMs: number }): Promise<readonly Finding[]> {
  const looked = await Promise.all(checks.map(async ({ id, look }) => (await found(look, limitMs)).map((one) => finding(id, one))));
  return looked.flat();
}

function finding(check: CheckId, one: Found): Finding {
  const needsRemedy = one.remedy === undefined && (one.status === 'WARN' || one.status === 'FAIL');
  return { check, ...one, ...(needsRemedy ? { remedy: CHECKS[check].remedy } : {}) };
}

async function found(look: Check['look'], limitMs: number): Promise<readonly Found[]> {
  try {
    const seen = await withTimeout((async () => await look())(), limitMs);
    return seen === LATE
      ? [fail(`no answer within ${limitMs / 1_000} s`, 'look for what holds it up: network, load, a server that hangs')]
      : seen;
  } catch (error) {
    if (error instanceof CannotTell) return [skipped(error.message)];
    if (error instanceof ForeseenError) return [asTold('FAIL', error.message.replace(/^(?:kafka|temporal) unavailable: /, ''))];
    const name = error instanceof Error ? error.name : 'unknown error';
    return [fail(`the check itself broke (${name})`, 'this is a defect of verdictflow; tell its developers')];
  }
}
