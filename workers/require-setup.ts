import { DependencyUnavailableError } from '../src/contracts/errors.ts';
import type { SetupPort } from '../src/operator/ports.ts';
import { missingPieces, setUp } from '../src/operator/setup.ts';
import type { RoleContext } from './context.ts';

/**
 * Makes what is missing if `VF_AUTO_SETUP` says so; otherwise refuses to run without it, naming every missing piece
 * (design §4: exit 69). `of` says whose pieces they are, for the error.
 */
export async function requireSetup(
  ports: readonly SetupPort[],
  { config, logger, of }: RoleContext & { readonly of: 'kafka' | 'temporal' },
): Promise<void> {
  if (config.autoSetup) {
    const made = (await setUp(ports, { dryRun: false })).filter(({ result }) => result === 'made');
    if (made.length > 0) logger.info({ event: 'setup', made: made.map(({ what, name }) => `${what} ${name}`) }, 'made what was missing');
  }
  const missing = await missingPieces(ports);
  if (missing.length === 0) return;
  throw new DependencyUnavailableError(of, `missing: ${missing.join(', ')}; run \`verdictflow setup\`, or set VF_AUTO_SETUP=true`);
}
