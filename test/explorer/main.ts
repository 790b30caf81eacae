import { parseArgs } from 'node:util';
import { CONTROLS } from './controls.ts';
import { RULES_UNDER_TEST, type Rules } from './rules.ts';
import { explore, type Found, type Progress } from './search.ts';
import { SIZES, type Size } from './size.ts';

const USAGE = `npm run explore -- [options]

  --size NAME       only this size, perhaps several times: ${SIZES.map(({ name }) => name).join(' · ')}
  --reads N         reads that the vendor allows, instead of the size's
  --acts N          acts of operators, instead of the size's
  --losses N        losses, instead of the size's
  --states N        most states of a size (default: 2000000; each takes about 2 KB)
  --controls        take parts of the protocol out, one at a time, and show what is then found
  --help            this text
`;

const OPTIONS = {
  size: { type: 'string', multiple: true },
  reads: { type: 'string' },
  acts: { type: 'string' },
  losses: { type: 'string' },
  states: { type: 'string', default: '2000000' },
  controls: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const { values } = parseArgs({ options: OPTIONS });
const asked = (name: 'reads' | 'acts' | 'losses' | 'states', otherwise: number): number => {
  const text = values[name];
  const number = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  process.stderr.write(`--${name} must be a whole number, not ${text}\n`);
  process.exit(64);
};

if (values.help) process.stdout.write(USAGE);
else if (values.controls) await showControls();
else await walkThrough(chosen());

function chosen(): readonly Size[] {
  const names = values.size ?? SIZES.map(({ name }) => name);
  const unknown = names.filter((name) => SIZES.every((size) => size.name !== name));
  if (unknown.length > 0) {
    process.stderr.write(`there is no size ${unknown.join(', ')}\n\n${USAGE}`);
    process.exit(64);
  }
  return SIZES.filter(({ name }) => names.includes(name)).map((size) => {
    const atMost = { acts: size.acts.length === 0 ? 0 : asked('acts', size.atMost.acts), losses: asked('losses', size.atMost.losses) };
    return { ...size, maxReads: asked('reads', size.maxReads), atMost };
  });
}

async function walkThrough(sizes: readonly Size[]): Promise<void> {
  for (const size of sizes) {
    const { maxReads, atMost } = size;
    process.stdout.write(`${size.name}: ${size.what} (${maxReads} reads, ${atMost.acts} acts, ${atMost.losses} losses)\n`);
    const found = await timed(size, RULES_UNDER_TEST);
    process.stdout.write(`  ${foundText(found)}\n`);
    if (found.violation !== undefined) process.exitCode = 1;
  }
}

async function showControls(): Promise<void> {
  for (const { part, in: size, without, finds } of CONTROLS) {
    const whole = { ...size, name: part, what: part };
    const found = await explore({ size: whole, rules: { ...RULES_UNDER_TEST, ...without } }, { lookFor: [finds] });
    process.stdout.write(`without: ${part}\n  ${foundText(found)}\n`);
    if (found.violation === undefined) process.exitCode = 1;
  }
}

async function timed(size: Size, rules: Rules): Promise<Found> {
  const startedAtMs = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - startedAtMs) / 1_000)} s`;
  const onProgress = ({ states, steps, depth, waiting }: Progress): void => {
    if (process.stderr.isTTY)
      process.stderr.write(`\r\u001B[K  depth ${depth}, ${states} states (${waiting} to go), ${steps} steps, ${seconds()}`);
  };
  const found = await explore({ size, rules }, { mostStates: asked('states', 0), onProgress });
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  process.stdout.write(`  ${seconds()}, `);
  return found;
}

function foundText({ states, steps, depth, complete, violation }: Found): string {
  const seen = `${states} states, ${steps} steps, depth ${depth}`;
  if (violation === undefined) return `${seen}: nothing found${complete ? '' : ', but not everything seen'}`;
  return [`${seen}: ${violation.says}`, ...violation.trace.map((line, index) => `${index}. ${line}`)].join('\n    ');
}
