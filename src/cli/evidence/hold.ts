import { EXIT_CODES } from '../../contracts/errors.ts';
import { auditHold } from '../../operator/evidence/audit.ts';
import { createTokenCheck } from '../../operator/secret-words.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, printJson } from '../context.ts';
import { mandateOf, type MandateOptions } from '../mandate.ts';
import { stateText } from './list.ts';
import { oneVerification, type WhichOptions } from './which.ts';

export type HoldOptions = WhichOptions & MandateOptions & { readonly json?: true };

type Asked = { readonly action: 'HOLD' | 'RELEASE'; readonly options: HoldOptions; readonly context: CliContext };

/** Lays a legal hold on what is kept of one verification, or lifts it, once that is on record. Returns the exit code. */
export async function holdEvidence(id: string | undefined, { action, options, context }: Asked): Promise<number> {
  const { io, backend } = context;
  const mandate = mandateOf(options, { env: io.env, what: action === 'HOLD' ? 'it is held' : 'it is released' });
  const config = cliConfig(context);
  const assertNoToken = createTokenCheck(mandate);
  const verificationId = await oneVerification({ ...options, id }, { context, config });
  await assertNoToken(verificationId);
  const state = await using(backend.vault(config), async ({ vault }) => {
    const before = await vault.state(verificationId);
    if (before.kind !== 'KEPT') return before;
    await using(backend.publisher(config), async ({ publisher }) => {
      const order = { action, verificationId, mandate, requestedAt: new Date(io.now()).toISOString() };
      await auditHold({ publisher, topic: config.kafka.topics.audit }, order);
    });
    return await (action === 'HOLD' ? vault.hold(verificationId, mandate) : vault.release(verificationId, mandate));
  });
  const done = state.kind === 'KEPT' && (state.hold !== undefined) === (action === 'HOLD');
  if (options.json === true) printJson(io, { verificationId, state, done });
  else if (done) io.stdout(`${verificationId}  ${stateText(state)}\n`);
  else io.stderr(`verdictflow evidence ${action.toLowerCase()}: ${verificationId}: ${stateText(state)}\n`);
  return done ? EXIT_CODES.ok : EXIT_CODES.negative;
}
