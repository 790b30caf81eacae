import { readFileSync } from 'node:fs';

const MANIFEST = 'package.json';
/** From src/config in a checkout, from dist/src/config in a build. */
const CANDIDATES = [`../../${MANIFEST}`, `../../../${MANIFEST}`] as const;

/** The version of the package this file belongs to. */
export function packageVersion(): string {
  for (const candidate of CANDIDATES) {
    const version = versionIn(new URL(candidate, import.meta.url));
    if (version !== undefined) return version;
  }
  return 'unknown';
}

function versionIn(file: URL): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const isOurs = typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === 'verdictflow';
    return isOurs && 'version' in manifest ? String(manifest.version) : undefined;
  } catch {
    // The other layout: the next candidate is tried.
    return undefined;
  }
}
