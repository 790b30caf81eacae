import type { Asked, Reply } from './reply.ts';
import { FAULTS } from './scenarios/faults.ts';
import { type Assumptions, DEFAULT_ASSUMPTIONS, type Expected, type Scenario } from './scenarios/scenario.ts';
import { IMAGES } from './scenarios/images.ts';
import { SESSIONS } from './scenarios/sessions.ts';
import { TOLERANCES } from './scenarios/tolerances.ts';
import { VERDICTS } from './scenarios/verdicts.ts';

/** Every scenario, for `--help`, the documentation and tests. */
export const SCENARIOS: readonly Scenario[] = [...VERDICTS, ...SESSIONS, ...FAULTS, ...TOLERANCES, ...IMAGES];

/** A scenario with its number filled in, or several steps joined by `+`. */
export type Play = {
  readonly name: string;
  reply(asked: Asked): Reply;
  /** Absent for steps joined by `+`: their end depends on which read meets which step. */
  expected?(assumptions: Assumptions): Expected;
  completesAfterMs?: number;
};

const MAX_STEPS = 16;
const plays = new Map<string, Play>();

function single(name: string): Play | undefined {
  for (const scenario of exactFirst(name)) {
    const [before, after] = scenario.name.split(/<\w+>/);
    const digits = after === undefined ? '' : name.slice(before?.length ?? 0, name.length - after.length);
    if (after !== undefined && !/^\d{1,9}$/.test(digits)) continue;
    const number = Number(digits);
    const completesAfterMs = scenario.completesAfterMs?.(number);
    return {
      name,
      reply: (asked) => scenario.reply(asked, number),
      expected: (assumptions) => scenario.expected(number, assumptions),
      ...(completesAfterMs === undefined ? {} : { completesAfterMs }),
    };
  }
  return undefined;
}

/** `html-502` is a name of its own before it could be any `html-<n>`. `-always` is the plain name. */
function exactFirst(name: string): readonly Scenario[] {
  const plain = name.replace(/-always$/, '');
  const exact = SCENARIOS.filter((scenario) => scenario.name === plain && !scenario.name.includes('<'));
  if (exact.length > 0) return exact;
  return SCENARIOS.filter((scenario) => {
    const prefix = scenario.name.split('<', 1).join('');
    return scenario.name.includes('<') && plain.startsWith(prefix);
  });
}

/**
 * The scenario of that name, or undefined. `a+b+c` plays a for the first request, b for the second, c from then on.
 */
export function playOf(name: string): Play | undefined {
  const known = plays.get(name);
  if (known) return known;
  const steps = name.split('+').map(single);
  const found = steps.filter((step) => step !== undefined);
  const last = found.at(-1);
  if (last === undefined || found.length !== steps.length || steps.length > MAX_STEPS) return undefined;
  const sequence: Play = { name, reply: (asked) => (found[asked.attempt - 1] ?? last).reply({ ...asked, attempt: 1 }) };
  const play = found.length === 1 ? last : sequence;
  plays.set(name, play);
  return play;
}

/** What is wrong with the name of a scenario, and what to write; undefined if there is one of that name. */
export function scenarioProblem(name: string): string | undefined {
  if (playOf(name) !== undefined) return undefined;
  return `there is no such scenario; \`verdictflow emulator --help\` lists them, e.g. ${SCENARIOS[0]?.name ?? 'ready-pass'}`;
}

/** What a correct client must end with if all its reads happen in time; undefined for unknown names and for `a+b`. */
export function expectedOf(name: string, assumptions: Partial<Assumptions> = {}): Expected | undefined {
  return playOf(name)?.expected?.({ ...DEFAULT_ASSUMPTIONS, ...assumptions });
}
