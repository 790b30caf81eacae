import fc from 'fast-check';

/** JSON in which a key may occur twice: what a vendor writes, not what a parser makes of it. */
export type Written =
  | { readonly kind: 'OBJECT'; readonly members: readonly (readonly [key: string, value: Written])[] }
  | { readonly kind: 'LIST'; readonly items: readonly Written[] }
  | { readonly kind: 'LEAF'; readonly source: string };

export function written(value: unknown): Written {
  if (Array.isArray(value)) return { kind: 'LIST', items: value.map(written) };
  if (typeof value === 'object' && value !== null) {
    return { kind: 'OBJECT', members: Object.entries(value).map(([key, part]) => [key, written(part)] as const) };
  }
  return { kind: 'LEAF', source: JSON.stringify(value) };
}

export function sourceOf(value: Written): string {
  switch (value.kind) {
    case 'OBJECT':
      return `{${value.members.map(([key, part]) => `${JSON.stringify(key)}:${sourceOf(part)}`).join(',')}}`;
    case 'LIST':
      return `[${value.items.map(sourceOf).join(',')}]`;
    case 'LEAF':
      return value.source;
    default:
      return value satisfies never;
  }
}

/** Keys and values that vendors, gateways and attackers are known to use, and some that make no sense. */
const KEYS = [
  'status',
  'liveness_result',
  'verify_result',
  'result',
  'result_ref1',
  'result_ref2',
  'confidence',
  'thresholds',
  '1e-3',
  '1e-4',
  '1e-5',
  '1e-6',
  'error_message',
  'error',
  'ERROR',
  'message',
  'code',
  'msg',
  'error_code',
  'biz_no',
  'biz_info',
  'multifaces_tag',
  'face_genuineness',
  'mask_confidence',
  'mask_threshold',
  'screen_replay_confidence',
  'screen_replay_threshold',

  'synthetic_face_confidence',
  'synthetic_face_threshold',
  'face_replaced',
  'id_attacked',
  'id_exceptions',
  'details',
  'score',
  'remark',
  'success',
  'rejected',
  'fail_reason',
  'request_id',
  '__proto__',
  'constructor',
];
const LEAVES = [
  '"OK"',
  '"Ok "',
  '"FAILED"',
  '"PROCESSING"',
  '"NOT_STARTED"',
  '"CANCELLED"',
  '"PASS"',
  '"pass"',
  '"FAIL"',
  '"paſſ"',
  'true',
  'false',
  'null',

  '0',
  '1',
  '0.5',
  '0.9',
  '41.2',
  '68.918',
  '69',
  '80',
  '95.5',
  '100',
  '100.5',
  '-1',
  '1e999',
  '1e-9',
  '"0"',
  '"1"',
  '"80"',
  '"true"',
  '""',
  '"null"',
  '"None"',
  '"SUCCESS"',
  '"DATA_DESTROYED"',
  '"BAD_ARGUMENTS: x"',
  '"NO_FACE_FOUND: :"',
  '"INTERNAL_ERROR"',
  '"NEW_CODE"',
  '"SCREEN_REPLAY"',
  '"MASK"',
  '"FACE_ATTACK"',
  '"order-1"',
  '"order-2"',
  '17',
  '{}',
  '[]',
  '{"confidence":99}',
  '["PASS"]',

  '{"1e-3":0,"1e-4":0,"1e-5":0,"1e-6":0}',
  '{"1e-3":0.6,"1e-4":0.7,"1e-5":0.8,"1e-6":0.9}',
  '{"mask_confidence":0.9,"mask_threshold":0.5}',
  '{"result":"PASS"}',
  '{"result":"FAIL"}',
  '{"error_message":null,"result_ref1":{"confidence":99,"thresholds":{"1e-4":10}}}',
] as const;

export type Mutation = {
  readonly kind: 'REPLACE' | 'REMOVE' | 'ADD' | 'REPEAT' | 'RENAME' | 'QUOTE' | 'SCALE' | 'EMPTY';
  /** Which part, which key and which leaf: numbers that wrap around. */
  readonly at: number;
  readonly key: number;
  readonly leaf: number;
};

export const anyMutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('REPLACE' as const, 'REPLACE', 'REMOVE', 'ADD', 'ADD', 'ADD', 'REPEAT', 'RENAME', 'QUOTE', 'SCALE', 'EMPTY'),
    at: fc.nat(200),
    key: fc.nat(KEYS.length - 1),
    leaf: fc.nat(LEAVES.length - 1),
  }),
  { maxLength: 3 },
);

export function mutated(value: Written, mutations: readonly Mutation[]): Written {
  return mutations.reduce((before, mutation) => mutateOne(before, mutation), value);
}

/** Applies a mutation to the member with that number, counted through the whole text. */
function mutateOne(root: Written, mutation: Mutation): Written {
  const count = membersIn(root);
  let left = count === 0 ? 0 : mutation.at % count;
  function visit(value: Written): Written {
    if (value.kind === 'LIST') return { ...value, items: value.items.map(visit) };
    if (value.kind === 'LEAF') return value;
    return {
      kind: 'OBJECT',
      members: value.members.flatMap((member) => {
        left -= 1;
        return left === -1 ? changed(member, mutation) : [[member[0], visit(member[1])] as const];
      }),
    };
  }
  return visit(root);
}

type Member = readonly [key: string, value: Written];

function changed([key, value]: Member, { kind, key: keyIndex, leaf: leafIndex }: Mutation): readonly Member[] {
  const leaf = leafOf(LEAVES[leafIndex] ?? 'null');
  const other = KEYS[keyIndex] ?? 'x';
  switch (kind) {
    case 'REPLACE':
      return [[key, leaf]];
    case 'REMOVE':
      return [];
    case 'ADD':
      return [
        [key, value],
        [other, leaf],
      ];
    case 'REPEAT':
      return leafIndex % 2 === 0
        ? [
            [key, leaf],
            [key, value],
          ]
        : [
            [key, value],
            [key, leaf],
          ];
    case 'RENAME':
      return [[other, value]];
    case 'QUOTE':
      return [[key, { kind: 'LEAF', source: JSON.stringify(sourceOf(value)) }]];
    case 'SCALE':
      return [[key, scaled(value)]];
    case 'EMPTY':
      return [[key, leafOf(leafIndex % 2 === 0 ? '[]' : '{}')]];
    default:
      return kind satisfies never;
  }
}

/** Scalars as they are written, which `1e999` needs. */
function leafOf(source: string): Written {
  return /^[{[]/.test(source) ? written(JSON.parse(source)) : { kind: 'LEAF', source };
}

/** Every number a hundredth of what it was. */
function scaled(value: Written): Written {
  if (value.kind === 'LIST') return { ...value, items: value.items.map(scaled) };
  if (value.kind === 'OBJECT') return { ...value, members: value.members.map(([key, part]) => [key, scaled(part)] as const) };
  return /^-?\d/.test(value.source) && Number.isFinite(Number(value.source))
    ? { kind: 'LEAF', source: String(Number(value.source) / 100) }
    : value;
}

function membersIn(value: Written): number {
  if (value.kind === 'LEAF') return 0;
  if (value.kind === 'LIST') return value.items.reduce((sum, item) => sum + membersIn(item), 0);
  return value.members.reduce((sum, [, part]) => sum + 1 + membersIn(part), 0);
}
