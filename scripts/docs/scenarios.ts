import { DEFAULT_ASSUMPTIONS } from '../../src/emulator/scenarios/scenario.ts';
import { SCENARIOS } from '../../src/emulator/scenarios.ts';
import { markdownTable } from './tables.ts';

/** Two reads are answered badly: what `<n>` stands for in the column "must end as". */
const N = 2;
const MS = 60_000;

/** Every scenario and its required end. A fault is one row; its `-once` and `-<n>` forms are told by the text above. */
export function scenarioTable(): string {
  const names = new Set(SCENARIOS.map(({ name }) => name));
  const rows = SCENARIOS.filter(({ name }) => !isVariant(name, names)).map((scenario) => {
    const { outcome, reason } = scenario.expected(scenario.name.includes('<ms>') ? MS : N, DEFAULT_ASSUMPTIONS);
    const variants = names.has(`${scenario.name}-once`) ? ' †' : '';
    return [`\`${scenario.name}\`${variants}`, scenario.about, reason === null ? outcome : `${outcome}, ${reason}`];
  });
  return markdownTable(['Scenario', 'The vendor', 'Must end as'], rows);
}

function isVariant(name: string, names: ReadonlySet<string>): boolean {
  const base = name.replace(/-(once|<n>)$/, '');
  return base !== name && names.has(base) && names.has(`${base}-once`);
}
