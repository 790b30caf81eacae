/** A JPEG as far as anybody here looks: the marker of its start and that of its end. `fill` makes it unlike others. */
export function jpeg(fill: string, bytes = 300): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(bytes, fill), Buffer.from([0xff, 0xd9])]);
}

export const BEST = jpeg('best?>');
export const SECOND = jpeg('second');
const FACES = jpeg('faces');
const text = BEST.toString('base64');
const second = SECOND.toString('base64');
const CLEANED = ['IMAGE_TEXT_CLEANED'];
const NONE = ['IMAGE_MISSING'];
const BROKEN = ['IMAGE_MISSING', 'IMAGE_UNREADABLE'];

type Image = readonly [kind: string, bytes: Buffer];
export type ImageRow = {
  readonly row: string;
  /** Members of the answer, as JSON. */
  readonly parts: string;
  readonly returnImage?: 1 | 2;
  readonly found: readonly Image[];
  readonly quirks: readonly string[];
};

const best = (row: string, value: string, quirks: readonly string[] = []): ImageRow => ({
  row: `row 26: ${row}`,
  parts: `"image_best":${value}`,
  found: [['IMAGE_BEST', BEST]],
  quirks,
});
const none = (row: string, value: string, quirks: readonly string[] = NONE): ImageRow => ({
  row: `row 26: ${row}`,
  parts: `"image_best":${value}`,
  found: [],
  quirks,
});
const inLines = (end: string): string => text.replaceAll(/.{76}/g, (line) => `${line}${end}`);

export const IMAGE_ROWS: readonly ImageRow[] = [
  best('plain Base64', `"${text}"`),
  best('Base64 without padding', `"${text.replaceAll('=', '')}"`),
  best('the alphabet of URLs', `"${BEST.toString('base64url')}"`),
  best('slashes escaped, as PHP does', `"${text.replaceAll('/', String.raw`\/`)}"`),
  best('signs escaped, as Gson does', `"${text.replaceAll('=', String.raw`\u003d`).replaceAll('+', String.raw`\u002b`)}"`),
  ...[
    'data:image/jpeg;base64,',
    'data: image/jpeg;base64,',
    'data:image/jpg;base64,',
    'data: image/jpg; base64, ',
    'DATA:IMAGE/JPEG;BASE64,',
    ' data:image/pjpeg;charset=utf-8;base64,',
    'data:;base64,',
    'data:image/png;base64,',
  ].map((head) => best(`the head ${head}`, `"${head}${text}"`, CLEANED)),
  ...[String.raw`\n`, String.raw`\r\n`, ' ', String.raw`\u00a0`].map((end) =>
    best(`lines that end in ${end}`, `"${inLines(end)}"`, CLEANED),
  ),
  best('raw line breaks, which JSON forbids', `"${inLines('\n')}"`, CLEANED),
  best('blanks around', `"  ${text}  "`, CLEANED),
  {
    row: 'row 26: an image of few bytes',
    parts: `"image_best":"${jpeg('MASK', 8).toString('base64')}"`,
    found: [['IMAGE_BEST', jpeg('MASK', 8)]],
    quirks: [],
  },
  none('null', 'null'),
  none('empty', '""'),
  none('an empty data URI', '"data:image/jpeg;base64,"'),
  none('an object', '{"url":"x"}'),
  none('a short text', '"none"'),
  none('a character that is none of Base64', `"${text.slice(0, 200)}!${text.slice(200)}"`, BROKEN),
  none('a look-alike of a character', `"${text.slice(0, 200)}\u0141${text.slice(200)}"`, BROKEN),
  none('padding within', `"${text}==${text}"`, BROKEN),
  none('a length that Base64 cannot have', `"${text.replaceAll('=', '').slice(0, 397)}"`, BROKEN),
  none('a PNG', `"${Buffer.alloc(300, '\u0089PNG').toString('base64')}"`, BROKEN),
  none('an escape that JSON does not know', `"${text}${String.raw`\q`}"`, BROKEN),
  none('a long text', `"${'no image '.repeat(40)}"`, BROKEN),
  {
    row: 'row 26: its end is missing',
    parts: `"image_best":"${BEST.subarray(0, 270).toString('base64')}"`,
    found: [['IMAGE_BEST', BEST.subarray(0, 270)]],
    quirks: ['IMAGE_CUT_SHORT'],
  },
  {
    row: 'row 26: bytes after its end',
    parts: `"image_best":"${Buffer.concat([BEST, SECOND.subarray(9, 90)]).toString('base64')}"`,
    found: [['IMAGE_BEST', Buffer.concat([BEST, SECOND.subarray(9, 90)])]],
    quirks: [],
  },
  {
    row: 'row 26: inside images, as siblings have it',
    parts: `"images":{"image_best":"${text}"}`,
    found: [['IMAGE_BEST', BEST]],
    quirks: ['IMAGE_NESTED'],
  },
  { row: 'row 26: anywhere else it is none', parts: `"other":{"image_best":"${text}"}`, found: [], quirks: NONE },
  {
    row: 'row 28: two of them',
    parts: `"image_best":"${text}","image_best_2":"${second}"`,
    returnImage: 2,
    found: [
      ['IMAGE_BEST', BEST],
      ['IMAGE_BEST_2', SECOND],
    ],
    quirks: [],
  },
  {
    row: 'row 28: the second null',
    parts: `"image_best":"${text}","image_best_2":null`,
    returnImage: 2,
    found: [['IMAGE_BEST', BEST]],
    quirks: NONE,
  },
  {
    row: 'row 28: the second before the first',
    parts: `"image_best_2":"${second}","image_best":"${text}"`,
    returnImage: 2,
    found: [
      ['IMAGE_BEST', BEST],
      ['IMAGE_BEST_2', SECOND],
    ],
    quirks: [],
  },
  {
    row: 'row 30: one face',
    parts: `"image_best":"${text}","multifaces_tag":"0","multifaces_image":""`,
    found: [['IMAGE_BEST', BEST]],
    quirks: [],
  },
  {
    row: 'row 30: several faces',
    parts: `"image_best":"${text}","multifaces_tag":"1","multifaces_image":"${FACES.toString('base64')}"`,
    found: [
      ['IMAGE_BEST', BEST],
      ['MULTIFACES_IMAGE', FACES],
    ],
    quirks: [],
  },
  {
    row: 'row 30: several faces and no image of them',
    parts: `"image_best":"${text}","multifaces_tag":"1"`,
    found: [['IMAGE_BEST', BEST]],
    quirks: NONE,
  },
  {
    row: 'row 70: repeated with another image',
    parts: `"image_best":"${text}","image_best":"${second}"`,
    found: [
      ['IMAGE_BEST', BEST],
      ['IMAGE_BEST', SECOND],
    ],
    quirks: ['DUPLICATE_KEYS'],
  },
  {
    row: 'row 70: repeated with the same image',
    parts: `"image_best":"${text}","image_best":"${text}"`,
    found: [['IMAGE_BEST', BEST]],
    quirks: ['DUPLICATE_KEYS'],
  },
  {
    row: 'row 70: more than the cap',
    parts: Array.from({ length: 8 }, (_, index) => `"image_best":"${jpeg(`n${index}`).toString('base64')}"`).join(),
    found: Array.from({ length: 6 }, (_, index) => ['IMAGE_BEST', jpeg(`n${index}`)] as const),
    quirks: ['DUPLICATE_KEYS', 'IMAGE_UNREADABLE'],
  },
];
