import type { ProcessMark } from '../../contracts/process-mark.ts';
import { fail, type Found, ok, skipped, warn } from './findings.ts';

/** Who holds which keys. `seals`: it puts tokens, or payloads, into Temporal; `opens`: it takes them out. */
export type Holder = { readonly who: string; readonly mark: ProcessMark; readonly seals: boolean; readonly opens: boolean };

/** The same processes by the keys of whole payloads, which whoever has to do with Temporal opens. Empty: nobody has such keys. */
export function payloadHolders(holders: readonly Holder[]): readonly Holder[] {
  if (holders.every(({ mark }) => mark.payloads === undefined)) return [];
  return holders.map(({ who, mark }) => {
    const { keys, fromFile, encrypts } = mark.payloads ?? { keys: [], fromFile: false, encrypts: false };
    return { who, mark: { ...mark, keys, fromFile }, seals: encrypts, opens: true };
  });
}

/**
 * What one process seals every other has to open, and a key id has to mean the same key everywhere. Processes whose keys are in a
 * file say what was in it when they began, or joined: where that may be old news, it is no more than a warning.
 */
export function judgeKeys(holders: readonly Holder[], setting = 'VF_TOKEN_KEYS'): readonly Found[] {
  if (holders.length < 2) return [skipped('no other process tells which keys it holds')];
  const found = pairs(holders).flatMap(([one, other]) => [
    ...sameId([one, other], setting),
    ...openable([one, other], setting),
    ...openable([other, one], setting),
  ]);
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
        `give all the same ${setting}, or what is older cannot be opened by some`,
      ),
    ];
  return [ok(`the same ${holders[0]?.mark.keys.map(({ id }) => id).join(', ') ?? ''} in ${who}`)];
}

function pairs(holders: readonly Holder[]): readonly (readonly [Holder, Holder])[] {
  return holders.flatMap((one, at) => holders.slice(at + 1).map((other) => [one, other] as const));
}

function sameId([one, other]: readonly [Holder, Holder], setting: string): readonly Found[] {
  const clash = one.mark.keys.find(({ id, print }) => other.mark.keys.some((key) => key.id === id && key.print !== print));
  if (clash === undefined) return [];
  const saw = `key ${clash.id} of ${one.who} is another one than that of ${other.who}: neither opens what the other seals`;
  return [verdict([one, other], saw, `give both the same ${setting}; a new key needs a new id`)];
}

function openable([sealer, opener]: readonly [sealer: Holder, opener: Holder], setting: string): readonly Found[] {
  const [seals] = sealer.mark.keys;
  if (!sealer.seals || !opener.opens || seals === undefined || opener.mark.keys.some(({ id }) => id === seals.id)) return [];
  const saw = `${opener.who} lacks key ${seals.id}, with which ${sealer.who} seals`;
  return [verdict([sealer, opener], saw, `add it to ${setting} of all processes before one puts it in front`)];
}

function verdict(holders: readonly Holder[], saw: string, remedy: string): Found {
  return holders.some(({ mark }) => mark.fromFile) ? warn(`${saw}, by what was in the file when it began`, remedy) : fail(saw, remedy);
}
