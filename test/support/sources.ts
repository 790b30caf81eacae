import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Text of all sources below folders of the project, those under `except` left out. */
export function sourceText(folders: readonly string[], ...except: readonly string[]): string {
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const wanted = files.filter((file) => file.endsWith('.ts') && !except.some((path) => file.startsWith(path)));
  return wanted.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
}
