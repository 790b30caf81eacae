export type FencedBlock = {
  readonly language: string;
  readonly body: string;
  readonly line: number;
  /** The text above, to tell what the block is. */ readonly before: string;
};

/** Fenced code blocks of a Markdown text, in order. */
export function fencedBlocks(text: string): readonly FencedBlock[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const before = text.slice(0, match.index).trimEnd();
    return { language: match[1] ?? '', body: match[2] ?? '', line: before.split('\n').length + 1, before: before.slice(-200) };
  });
}

/** What stands in shell blocks and code spans: lines that a reader might run. */
export function codeOf(text: string): readonly string[] {
  const shell = fencedBlocks(text)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ body }) => body.split('\n'));
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...shell, ...[...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '')];
}

/** The npm and verdictflow calls in lines of shell, each as its words from the tool's name on. Quoted text is one word. */
export function invocationsIn(lines: readonly string[]): readonly (readonly string[])[] {
  return lines
    .flatMap((line) => line.split(/\||;|&&/))
    .map((part) => part.match(/"[^"]*"|'[^']*'|\S+/g) ?? [])
    .map((words) => (words[0] === 'npx' ? words.slice(1) : words))
    .filter(([tool, ...rest]) => (tool === 'npm' || tool === 'verdictflow') && rest.length > 0);
}

/** Targets of links and images. */
export function linksIn(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
}

/** The headings of all levels, in order. */
export function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] ?? '');
}

/** Anchors of the headings, as GitHub makes them. */
export function headingSlugs(text: string): readonly string[] {
  return headingsOf(text).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The cells of the first table under a heading, without its head. */
export function tableRows(text: string, heading: string): readonly (readonly string[])[] {
  const section = sectionOf(text, heading);
  const lines = section.split('\n');
  const head = lines.findIndex((line) => /^\|[\s|:-]+\|$/.test(line));
  const body = lines.slice(head + 1);
  const end = body.findIndex((line) => !line.startsWith('|'));
  return (end < 0 ? body : body.slice(0, end)).map((line) => cellsOf(line));
}

/** The cells of a table's line. A `|` inside a code span parts none. */
export function cellsOf(line: string): readonly string[] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inner.split(/\|(?=(?:[^`]*`[^`]*`)*[^`]*$)/).map((cell) => cell.trim());
}

/** The text under a heading of any level, up to the next heading of that level or above. Empty if there is none. */
export function sectionOf(text: string, heading: string): string {
  const lines = text.split('\n');
  const begin = lines.findIndex((line) => /^#{1,6} /.test(line) && line.replace(/^#{1,6} /, '') === heading);
  if (begin < 0) return '';
  const level = lines[begin]?.indexOf(' ') ?? 1;
  const end = lines.findIndex((line, index) => index > begin && /^#{1,6} /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(begin + 1, end < 0 ? undefined : end).join('\n');
}

/** The lines that are neither code nor tables. */
export function proseLines(text: string): readonly string[] {
  return text
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
    .split('\n')
    .filter((line) => !line.startsWith('|'));
}
