/** A sealing key as others may see it: its id, and the beginning of a hash that tells equal keys from others and no key from it. */
export type KeyMark = { readonly id: string; readonly print: string };

/**
 * What a process says of itself where others see it: a worker in its heartbeats to Temporal, an ingress in its membership of the
 * consumer group. Nothing of it is in a history. `fromFile`: its keys are in a file, which it reads again by itself, so that they
 * may be newer by now.
 */
export type ProcessMark = {
  readonly version: string;
  readonly keys: readonly KeyMark[];
  readonly fromFile: boolean;
  /** Of whole payloads; absent without such keys. */
  readonly payloads?: { readonly keys: readonly KeyMark[]; readonly fromFile: boolean; readonly encrypts: boolean };
};

/** E.g. `verdictflow/0.2.0 keys=k2.1f3a9c2e,k1.77aa0011 file payloads=p1.00aa77bb encrypts`: the first key seals. */
export function markText({ version, keys, fromFile, payloads }: ProcessMark): string {
  const ofTokens = `verdictflow/${version} keys=${keysText(keys)}${fromFile ? ' file' : ''}`;
  if (payloads === undefined) return ofTokens;
  return `${ofTokens} payloads=${keysText(payloads.keys)}${payloads.encrypts ? ' encrypts' : ''}${payloads.fromFile ? ' file' : ''}`;
}

function keysText(keys: readonly KeyMark[]): string {
  return keys.map(({ id, print }) => `${id}.${print}`).join(',');
}

const MARK = /^verdictflow\/(\S{1,64}) keys=(\S*?)( file)?(?: payloads=(\S*?)( encrypts)?( file)?)?$/;
const KEY = /^([A-Za-z0-9_-]{1,32})\.([0-9a-f]{8})$/;

/** Undefined for any other text. */
export function readMark(text: string): ProcessMark | undefined {
  const [, version, listed, file, ofPayloads, encrypts, payloadFile] = MARK.exec(text) ?? [];
  if (version === undefined || listed === undefined) return undefined;
  const mark = { version, keys: keysIn(listed), fromFile: file !== undefined };
  if (ofPayloads === undefined) return mark;
  return { ...mark, payloads: { keys: keysIn(ofPayloads), fromFile: payloadFile !== undefined, encrypts: encrypts !== undefined } };
}

function keysIn(listed: string): readonly KeyMark[] {
  return listed.split(',').flatMap((one) => {
    const [, id, print] = KEY.exec(one) ?? [];
    return id === undefined || print === undefined ? [] : [{ id, print }];
  });
}
