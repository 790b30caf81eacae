import { randomBytes } from 'node:crypto';
import { playOf } from './scenarios.ts';

const PREFIX = 'emu1';

/** What a self-describing token says about itself. */
export type OfflineToken = { readonly scenario: string; readonly issuedAtMs?: number };

/**
 * A token that the emulator accepts without having issued it: `emu1.<scenario>.<random>`, or with an issue time
 * `emu1.<scenario>.<epoch ms in base 36>.<random>`. Throws RangeError for a scenario that does not exist.
 */
export function mintToken(options: { scenario: string; issuedAtMs?: number }): string {
  if (!playOf(options.scenario))
    throw new RangeError(`no emulator scenario is called "${options.scenario}"; the table is in src/emulator/scenarios.ts`);
  const issued = options.issuedAtMs === undefined ? [] : [Math.trunc(options.issuedAtMs).toString(36)];
  return [PREFIX, options.scenario, ...issued, randomBytes(12).toString('hex')].join('.');
}

/** Reads a self-describing token; undefined if it is none, or names no scenario. */
export function readOfflineToken(token: string): OfflineToken | undefined {
  const [prefix, scenario, ...rest] = token.split('.');
  if (prefix !== PREFIX || scenario === undefined || !playOf(scenario)) return undefined;
  if (rest.length === 1) return { scenario };
  const issuedAtMs = Number.parseInt(rest[0] ?? '', 36);
  return rest.length === 2 && Number.isSafeInteger(issuedAtMs) ? { scenario, issuedAtMs } : undefined;
}
