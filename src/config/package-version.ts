import { readFileSync } from 'node:fs';

const MANIFEST = 'package.json';
/** From src/config in a checkout, from dist/src/config in a build. */
const CANDIDATES = [`../../${MANIFEST}`, `../../../${MANIFEST}`] as const;

/** The version of the package this file belongs to. */
export function packageVersion(): string {
  return textOf(ownManifest()?.['version']) ?? 'unknown';
}

/** Which Node.js the package allows, e.g. `>=20.19`. */
export function allowedNode(): string {
  const engines = ownManifest()?.['engines'];
  return (isRecord(engines) ? textOf(engines['node']) : undefined) ?? '';
}

function ownManifest(): Readonly<Record<string, unknown>> | undefined {
  return CANDIDATES.map((candidate) => manifestIn(new URL(candidate, import.meta.url))).find((one) => one !== undefined);
}

function manifestIn(file: URL): Readonly<Record<string, unknown>> | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(manifest) && manifest['name'] === 'verdictflow' ? manifest : undefined;
  } catch {
    // The other layout: the next candidate is tried.
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
