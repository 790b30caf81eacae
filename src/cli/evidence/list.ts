import { EXIT_CODES } from '../../contracts/errors.ts';
import { fromNowText } from '../../contracts/text/duration.ts';
import { oneLine } from '../../operator/timeline/lines.ts';
import type { EvidenceListing, EvidenceState } from '../../operator/evidence/ports.ts';
import type { Mandate } from '../../contracts/mandate.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, printJson } from '../context.ts';
import { renderFields, renderTable } from '../table.ts';
import { oneVerification, type WhichOptions } from './which.ts';

export type ListOptions = WhichOptions & { readonly json?: true };

/** Tells what is kept of one verification. Returns the exit code: 1 if nothing is, or not all of it can be read. */
export async function listEvidence(
  id: string | undefined,
  { options, context }: { readonly options: ListOptions; readonly context: CliContext },
): Promise<number> {
  const { io, backend } = context;
  const config = cliConfig(context);
  const verificationId = await oneVerification({ ...options, id }, { context, config });
  const listing = await using(backend.vault(config), async ({ vault }) => await vault.list(verificationId));
  if (options.json === true) printJson(io, { ...listing, isKept: listing.state.kind === 'KEPT' });
  else io.stdout(listingText(listing, io.now()));
  return listing.state.kind === 'KEPT' && listing.unreadable === undefined ? EXIT_CODES.ok : EXIT_CODES.negative;
}

function listingText({ verificationId, state, objects, unreadable = [] }: EvidenceListing, nowMs: number): string {
  const broken = unreadable.map(({ object, why }) => ['Unreadable', `${oneLine(object)}: ${why}`] as const);
  const fields = renderFields([['Verification', verificationId], ['State', stateText(state)], ...factsOf(state, nowMs), ...broken]);
  if (objects.length === 0) return fields;
  const rows = objects.map(({ kind, bytes, contentType, storedAt, object }) => [
    kind,
    String(bytes),
    oneLine(contentType),
    storedAt,
    oneLine(object),
  ]);
  return `${fields}\n${renderTable(['Kind', 'Bytes', 'Type', 'Stored', 'Object'], rows)}`;
}

/** One line for people. */
export function stateText(state: EvidenceState): string {
  switch (state.kind) {
    case 'KEPT':
      return state.hold === undefined ? 'kept' : `kept, on legal hold since ${state.hold.at} by ${mandateText(state.hold)}`;
    case 'ERASED':
      return `erased ${state.erasedAt} by ${mandateText(state.by)}`;
    case 'UNREADABLE':
      return `nobody can say: ${oneLine(state.why)}`;
    default:
      return 'nothing is kept (nothing ever was, or what was has been erased long ago)';
  }
}

function mandateText({ operator, reason, ticket }: Mandate): string {
  return oneLine(`${operator}: ${reason}${ticket === undefined ? '' : ` (${ticket})`}`);
}

function factsOf(state: EvidenceState, nowMs: number): readonly (readonly [string, string])[] {
  if (state.kind !== 'KEPT') return [];
  return [
    ['Kept since', state.createdAt],
    ['Expires', `${state.expiresAt} (${fromNowText(Date.parse(state.expiresAt), nowMs)})`],
    ['Key', oneLine(state.keyId)],
  ];
}
