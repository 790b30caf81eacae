import type { Config } from '../src/config/config.ts';
import type { Secret } from '../src/config/redact.ts';
import { ConfigurationError } from '../src/contracts/errors.ts';
import { createTokenSeal } from '../src/temporal/token-seal.ts';

/** The value of a secret that the role's configuration check already demanded; absent means a defect in that check. */
export function revealed(secret: Secret | undefined, name: string): string {
  if (secret === undefined) throw new ConfigurationError([`${name}: missing; set ${name}`]);
  return secret.reveal();
}

export function tokenSealOf(config: Config): ReturnType<typeof createTokenSeal> {
  return createTokenSeal(config.tokenKeys.map(({ id, key }) => ({ id, key: key.reveal() })));
}
