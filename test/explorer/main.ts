import { type ExploreOptions, exploreOptions, sizesOf } from './command.ts';
import { CONTROLS } from './controls.ts';
import { REAL_RULES } from './rules.ts';
import { explore, type Found, type Progress } from './search.ts';
import type { Size } from './size.ts';

/** A terminal is told more often than a file. */
const TELL_EVERY_MS = process.stderr.isTTY ? 500 : 30_000;

async function walkThrough(size: Size, { states }: ExploreOptions): Promise<void> {
  const { maxReads, atMost } = size;
  process.stdout.write(`${size.name} (${maxReads} reads, ${atMost.acts} acts, ${atMost.losses} losses): ${size.what}\n`);
  const startedAtMs = performance.now();
  const found = await explore({ size, rules: REAL_RULES }, { mostStates: states, onProgress: progressFrom(startedAtMs) });
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  process.stdout.write(`  ${secondsSince(startedAtMs)}, ${foundText(found)}\n`);
  if (found.violation !== undefined) process.exitCode = 1;
}

async function showControls(): Promise<void> {
  for (const { part, in: size, without, finds } of CONTROLS) {
    const scene = { size: { ...size, name: part, what: part }, rules: { ...REAL_RULES, ...without } };
    const found = await explore(scene, { lookFor: [finds] });
    process.stdout.write(`without: ${part}\n  ${foundText(found)}\n`);
    if (found.violation === undefined) process.exitCode = 1;
  }
}

function progressFrom(startedAtMs: number): (progress: Progress) => void {
  let toldAtMs = startedAtMs;
  return ({ states, steps, depth, waiting }) => {
    if (performance.now() - toldAtMs < TELL_EVERY_MS) return;
    toldAtMs = performance.now();
    const line = `  depth ${depth}, ${count(states)} states (${count(waiting)} to go), ${count(steps)} steps, ${secondsSince(startedAtMs)}`;
    process.stderr.write(process.stderr.isTTY ? `\r\u001B[K${line}` : `${line}\n`);
  };
}

function foundText({ states, steps, depth, complete, endings, violation }: Found): string {
  const seen = `${count(states)} states, ${count(steps)} steps, depth ${depth}`;
  if (violation !== undefined) {
    return [`${seen}: BROKEN, ${violation.says}`, ...violation.trace.map((line, index) => `${index}. ${line}`)].join('\n    ');
  }
  const how = complete ? 'everything seen' : 'stopped before everything was seen';
  return `${seen}, ${endings.size} series of outcomes: ${how}, everything holds`;
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function secondsSince(startedAtMs: number): string {
  return `${Math.round((performance.now() - startedAtMs) / 1_000)} s`;
}

const options = exploreOptions(process.argv.slice(2));
if (options.controls) await showControls();
else for (const size of sizesOf(options)) await walkThrough(size, options);
