/** A sealing key as others may see it: its id, and the beginning of a hash that tells equal keys from others and no key from it. */
export type KeyMark = { readonly id: string; readonly print: string };

/**
 * What a process says of itself where others see it: a worker in its heartbeats to Temporal, an ingress in its membership of the
 * consumer group. Nothing of it is in a history. `fromFile`: its keys are in a file, which it reads again by itself, so that they
 * may be newer by now.
 */
export type ProcessMark = { readonly version: string; readonly keys: readonly KeyMark[]; readonly fromFile: boolean };

/** E.g. `verdictflow/0.2.0 keys=k2.1f3a9c2e,k1.77aa0011 file`: the first key seals. */
export function markText({ version, keys, fromFile }: ProcessMark): string {
  return `verdictflow/${version} keys=${keys.map(({ id, print }) => `${id}.${print}`).join(',')}${fromFile ? ' file' : ''}`;
}

const MARK = /^verdictflow\/(\S{1,64}) keys=(\S*?)( file)?$/;
const KEY = /^([A-Za-z0-9_-]{1,32})\.([0-9a-f]{8})$/;

/** Undefined for any other text. */
export function readMark(text: string): ProcessMark | undefined {
  const [, version, listed, file] = MARK.exec(text) ?? [];
  if (version === undefined || listed === undefined) return undefined;
  const keys = listed.split(',').flatMap((one) => {
    const [, id, print] = KEY.exec(one) ?? [];
    return id === undefined || print === undefined ? [] : [{ id, print }];
  });
  return { version, keys, fromFile: file !== undefined };
}
