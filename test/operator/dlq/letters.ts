import type { HeaderList } from '../../../src/contracts/wire/header-text.ts';
import type { InboundRecord } from '../../../src/ingress/ports.ts';
import { type Letter, letterOf } from '../../../src/operator/dlq/letter.ts';

export const NOW = Date.parse('2026-01-15T12:00:00Z');
export const SECRET = 'tok-3f9a8b7c6d5e4f3a2b1c';

export const OURS = {
  'vf-dlq-topic': 'requests',
  'vf-dlq-partition': '3',
  'vf-dlq-offset': '1207',
  'vf-dlq-timestamp': String(NOW - 60_000),
  'vf-dlq-group': 'group',
  'vf-dlq-reason': 'INVALID_REQUEST',
  'vf-dlq-stage': 'VALIDATE',
  'vf-dlq-message': 'policy: this profile is not configured here',
  'vf-dlq-attempts': '1',
  'vf-dlq-failed-at': '2026-01-15T11:59:30.000Z',
} as const;

type Made = Partial<InboundRecord> & { readonly own?: HeaderList; readonly ours?: Readonly<Record<string, string | undefined>> };

/** A record of the dead-letter topic; `ours` replaces headers of ingress, undefined takes one away. */
export function deadLetter({ own = [], ours = {}, ...about }: Made = {}): Letter {
  const list: HeaderList = [
    ...own,
    ...Object.entries({ ...OURS, ...ours }).flatMap(([name, text]) => (text === undefined ? [] : [[name, Buffer.from(text)] as const])),
  ];
  const headers = new Map<string, Buffer[]>();
  for (const [name, value] of list) headers.set(name, [...(headers.get(name) ?? []), value ?? Buffer.alloc(0)]);
  const record: InboundRecord = {
    topic: 'dlq',
    partition: 1,
    offset: 88n,
    timestampMs: NOW - 30_000,
    key: null,
    value: Buffer.from(JSON.stringify({ token: SECRET })),
    headers,
    headerList: list,
    ...about,
  };
  return letterOf(record);
}
