import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { EvidenceUnreadableError, EXIT_CODES } from '../../contracts/errors.ts';
import { EVIDENCE_KINDS } from '../../domain/evidence.ts';
import { fileProblem, UsageError } from '../../operator/errors.ts';
import { auditOpening } from '../../operator/evidence/audit.ts';
import type { EvidenceObject, EvidenceVault } from '../../operator/evidence/ports.ts';
import { oneLine } from '../../operator/timeline/lines.ts';
import { createTokenCheck } from '../../operator/secret-words.ts';
import { using } from '../backend.ts';
import { cliConfig, type CliContext, printJson } from '../context.ts';
import { mandateOf, type MandateOptions } from '../mandate.ts';
import { stateText } from './list.ts';
import { oneVerification, type WhichOptions } from './which.ts';

export type GetOptions = WhichOptions &
  MandateOptions & {
    readonly kind?: string;
    readonly object?: string;
    readonly out: string;
    readonly force?: true;
    readonly json?: true;
  };

type Asked = { readonly options: GetOptions; readonly context: CliContext };

/** Decrypts what was asked for into files, once the audit topic has who asked. Returns the exit code. */
export async function getEvidence(id: string | undefined, { options, context }: Asked): Promise<number> {
  const { io, backend } = context;
  const mandate = mandateOf(options, { env: io.env, what: 'it is opened' });
  const config = cliConfig(context);
  const assertNoToken = createTokenCheck(mandate);
  const verificationId = await oneVerification({ ...options, id }, { context, config });
  await assertNoToken(verificationId);
  return await using(backend.vault(config), async ({ vault }) => {
    const { state, objects, unreadable = [] } = await vault.list(verificationId);
    if (state.kind !== 'KEPT') {
      io.stderr(`verdictflow evidence get: ${stateText(state)}\n`);
      return EXIT_CODES.negative;
    }
    const chosen = objects.filter(chosenBy(options));
    const broken = unreadable.filter(({ object }) => options.object === undefined || options.object === object);
    for (const { object, why } of broken) io.stderr(`verdictflow evidence get: ${oneLine(object)} is left out: ${why}\n`);
    if (chosen.length === 0) {
      io.stderr(`verdictflow evidence get: none of its ${objects.length} objects is that; "verdictflow evidence list" names them\n`);
      return EXIT_CODES.negative;
    }
    const files = await placesFor(chosen, { options, context });
    await auditBefore({ objects: chosen, verificationId, mandate }, { context, config });
    return await write({ vault, verificationId, files, isWhole: broken.length === 0 }, { options, context });
  });
}

function chosenBy({ kind, object }: GetOptions): (one: EvidenceObject) => boolean {
  if (kind !== undefined && object !== undefined) throw new UsageError('give either --kind or --object, not both');
  const known = EVIDENCE_KINDS.find((one) => one === kind?.toUpperCase());
  if (kind !== undefined && known === undefined) throw new UsageError(`--kind: write one of ${EVIDENCE_KINDS.join(', ')}`);
  return (one) => (known === undefined || one.kind === known) && (object === undefined || one.object === object);
}

type ToFile = { readonly object: EvidenceObject; readonly path: string };

/** Where each object goes, looked at before anything is on record. */
async function placesFor(objects: readonly EvidenceObject[], { options, context }: Asked): Promise<readonly ToFile[]> {
  const { out, force } = options;
  const place = await placeOf(out, context);
  if (place === 'FILE' && force !== true) throw new UsageError(`--out: ${out} is there already; name another file, or give --force`);
  if (place !== 'FOLDER') {
    const [first, ...others] = objects;
    if (first === undefined || others.length > 0)
      throw new UsageError(`--out: ${objects.length} objects need a folder that is there; or choose one by --kind or --object`);
    return [{ object: first, path: out }];
  }
  const files = objects.map((object) => ({ object, path: join(out, fileNameOf(object)) }));
  for (const { path } of files) {
    const there = await placeOf(path, context);
    if (there === 'FOLDER' || (there === 'FILE' && force !== true))
      throw new UsageError(`--out: ${path} is there already; name another folder, or give --force`);
  }
  return files;
}

/** Throws `UsageError` for a terminal, standard output and everything else that keeps no file. */
async function placeOf(path: string, { io }: CliContext): Promise<'FILE' | 'FOLDER' | undefined> {
  try {
    const place = await io.placeAt(path);
    if (place === 'OTHER') throw new UsageError('--out: evidence goes to a file alone, never to standard output, a terminal or a pipe');
    return place;
  } catch (error) {
    throw fileProblem(path, error, { option: '--out', verb: 'written' });
  }
}

const ENDINGS: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'application/json': 'json' };

/** Made of the object's name, which the store tells: nothing in it may lead elsewhere. */
function fileNameOf({ object, contentType }: EvidenceObject): string {
  return `${object.replaceAll(/[^\w-]+/g, '_')}.${ENDINGS[contentType] ?? 'bin'}`;
}

type Opening = Omit<Parameters<typeof auditOpening>[1], 'requestedAt'>;

/** Rejects unless the brokers have the record; then nothing is opened. */
async function auditBefore(
  opening: Opening,
  { context, config }: { readonly context: CliContext; readonly config: Config },
): Promise<void> {
  const { io, backend } = context;
  await using(backend.publisher(config), async ({ publisher }) => {
    const requestedAt = new Date(io.now()).toISOString();
    await auditOpening({ publisher, topic: config.kafka.topics.audit }, { ...opening, requestedAt });
  });
}

type Writing = {
  readonly vault: Pick<EvidenceVault, 'open'>;
  readonly verificationId: string;
  readonly files: readonly ToFile[];
  /** Nothing was left out. */
  readonly isWhole: boolean;
};

async function write({ vault, verificationId, files, isWhole }: Writing, { options, context: { io } }: Asked): Promise<number> {
  const written: ToFile[] = [];
  for (const { object, path } of files) {
    const bytes = await openOrTell(vault, { verificationId, object: object.object, io });
    if (bytes === undefined) continue;
    written.push({ object, path });
    try {
      await io.keepFile(path, { bytes, overwrite: options.force === true });
    } catch (error) {
      throw fileProblem(path, error, { option: '--out', verb: 'written' });
    }
    if (options.json !== true) io.stdout(`${object.kind}  ${bytes.length} bytes  ${path}\n`);
  }
  if (options.json === true) printJson(io, { verificationId, files: written.map(({ object, path }) => ({ ...object, path })) });
  return isWhole && written.length === files.length ? EXIT_CODES.ok : EXIT_CODES.negative;
}

type Telling = Parameters<EvidenceVault['open']>[0] & Pick<CliContext, 'io'>;

/** Undefined, and told, if it cannot be opened: that is no reason to withhold the others. */
async function openOrTell(vault: Writing['vault'], { io, ...object }: Telling): Promise<Uint8Array | undefined> {
  try {
    return await vault.open(object);
  } catch (error) {
    if (!(error instanceof EvidenceUnreadableError)) throw error;
    io.stderr(`verdictflow evidence get: ${oneLine(error.message)}\n`);
    return undefined;
  }
}
