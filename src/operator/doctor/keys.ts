import type { ProcessMark } from '../../contracts/process-mark.ts';
import { fail, type Found, ok, skipped, warn } from './findings.ts';

/** Who holds which keys. `seals`: it puts tokens into Temporal; `opens`: it takes them out. */
export type Holder = { readonly who: string; readonly mark: ProcessMark; readonly seals: boolean; readonly opens: boolean };

/**
 * What one process seals every other has to open, and a key id has to mean the same key everywhere. Processes whose keys are in a
 * file say what was in it when they began, or joined: where that may be old news, it is no more than a warning.
 */
export function judgeKeys(holders: readonly Holder[]): readonly Found[] {
  if (holders.length < 2) return [skipped('no other process tells which keys it holds')];
  const found = pairs(holders).flatMap(([one, other]) => [...sameId(one, other), ...openable(one, other), ...openable(other, one)]);
  if (found.length > 0) return found.filter((one, at) => found.findIndex(({ saw }) => saw === one.saw) === at);
  const sets = new Set(
    holders.map(({ mark }) =>
      mark.keys
        .map(({ id, print }) => `${id}.${print}`)
        .toSorted()
        .join(','),
    ),
  );
  const who = holders.map((one) => one.who).join(', ');
  if (sets.size > 1)
    return [
      warn(
        `all of ${who} open what is sealed now, but do not hold the same keys`,
        'give all the same VF_TOKEN_KEYS, or what is older cannot be opened by some',
      ),
    ];
  return [ok(`the same ${holders[0]?.mark.keys.map(({ id }) => id).join(', ') ?? ''} in ${who}`)];
}

function pairs(holders: readonly Holder[]): readonly (readonly [Holder, Holder])[] {
  return holders.flatMap((one, at) => holders.slice(at + 1).map((other) => [one, other] as const));
}

function sameId(one: Holder, other: Holder): readonly Found[] {
  const clash = one.mark.keys.find(({ id, print }) => other.mark.keys.some((key) => key.id === id && key.print !== print));
  if (clash === undefined) return [];
  const saw = `key ${clash.id} of ${one.who} is another one than that of ${other.who}: neither opens what the other seals`;
  return [verdict([one, other], saw, 'give both the same VF_TOKEN_KEYS; a new key needs a new id')];
}

function openable(sealer: Holder, opener: Holder): readonly Found[] {
  const [seals] = sealer.mark.keys;
  if (!sealer.seals || !opener.opens || seals === undefined || opener.mark.keys.some(({ id }) => id === seals.id)) return [];
  const saw = `${opener.who} lacks key ${seals.id}, with which ${sealer.who} seals`;
  return [verdict([sealer, opener], saw, 'add it to VF_TOKEN_KEYS of all processes before one puts it in front')];
}

function verdict(holders: readonly Holder[], saw: string, remedy: string): Found {
  return holders.some(({ mark }) => mark.fromFile) ? warn(`${saw}, by what was in the file when it began`, remedy) : fail(saw, remedy);
}
