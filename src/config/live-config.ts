import { isDeepStrictEqual } from 'node:util';
import { ConfigurationError } from '../contracts/errors.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Config } from './config.ts';
import { loadConfig } from './load.ts';
import type { Role } from './roles.ts';
import { type ReadFile, readTextFile } from './secret-files.ts';

/** The configuration as its files say now. What is a variable never changes while the process runs. */
export type LiveConfig = {
  current(): Config;
  /** Looks at the files every few seconds until `stop`. */
  watch(watcher: Watcher): void;
  /** Looks at the files now, but not more often than once a second: for who misses something that a newer file may hold. */
  refresh(): void;
  stop(): void;
};

type Watcher = {
  readonly logger: Logger;
  /** Whether the files, as they are now, can be used. */
  readonly onChecked: (usable: boolean) => void;
  readonly everyMs?: number;
};

/**
 * Kubernetes swaps a symbolic link when a secret changes, which watchers of files miss: content is compared instead. Every
 * file is a few kilobytes.
 */
const EVERY_MS = 5_000;
const REFRESH_NOT_BEFORE_MS = 1_000;

/**
 * Loads the configuration, and again whenever a file that it read has other content. Content that cannot be used (half
 * written, expired, a key without its certificate) is named once and leaves everything as it was. It is tried again at each look,
 * because time alone may mend it: a certificate begins to be valid.
 * @throws ConfigurationError for the first one.
 */
export function openLiveConfig(
  env: NodeJS.ProcessEnv,
  { role, readFile = readTextFile, now = Date.now }: { readonly role: Role; readonly readFile?: ReadFile; readonly now?: () => number },
): LiveConfig {
  /** By path: what was read there, or why it could not be. */
  const seen = new Map<string, string>();
  const recording: ReadFile = (path) => {
    const content = contentOf(path, readFile);
    seen.set(path, content.seen);
    return content.text();
  };
  const load = (): Config => loadConfig(env, role, { readFile: recording, now });
  let current = load();
  /** Why what the files hold is not used; empty: it is. */
  let refused: readonly string[] = [];
  let lookedAtMs = now();
  /** Paths whose present content is not used yet. */
  const unused = new Set<string>();
  let watcher: Watcher | undefined;
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    lookedAtMs = now();
    const changed = [...seen.keys()].filter((path) => contentOf(path, readFile).seen !== seen.get(path));
    if (changed.length === 0 && refused.length === 0) return;
    for (const path of changed) unused.add(path);
    const variables = Object.keys(env).filter((name) => name.startsWith('VF_') && unused.has(env[name]?.trim() ?? ''));
    try {
      current = load();
      refused = [];
      unused.clear();
      watcher?.onChecked(true);
      watcher?.logger.info({ event: 'credentials-read', variables }, 'files with credentials have changed; the new ones are used');
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      watcher?.onChecked(false);
      const { problems } = error;
      if (!isDeepStrictEqual(problems, refused))
        watcher?.logger.warn(
          { event: 'credentials-unusable', variables, problems },
          'files have changed and cannot be used; the old ones stay',
        );
      refused = problems;
    }
  }

  return {
    current: () => current,
    watch(given) {
      watcher = given;
      timer = setInterval(look, given.everyMs ?? EVERY_MS).unref();
    },
    refresh() {
      if (now() - lookedAtMs >= REFRESH_NOT_BEFORE_MS) look();
    },
    stop: () => clearInterval(timer),
  };
}

function contentOf(path: string, readFile: ReadFile): { readonly seen: string; text(): string } {
  try {
    const text = readFile(path);
    return { seen: `read ${text}`, text: () => text };
  } catch (error) {
    return {
      seen: `unreadable ${String(error)}`,
      text: () => {
        throw error;
      },
    };
  }
}
