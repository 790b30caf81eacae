import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Paths from the root, with `/`, of all files below folders of the project whose names match. */
export function filesBelow(folders: readonly string[], name: RegExp): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => name.test(file))
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`),
  );
}

export function sourceOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Text of all sources below folders of the project, those under `except` left out. */
export function sourceText(folders: readonly string[], ...except: readonly string[]): string {
  const wanted = filesBelow(folders, /\.ts$/).filter((file) => !except.some((path) => file.startsWith(path)));
  return wanted.map(sourceOf).join('\n');
}
