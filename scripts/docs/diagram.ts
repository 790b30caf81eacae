import { STAGE_TRANSITIONS } from '../../src/domain/stages.ts';

/** The stages of a verification as a mermaid diagram, from the domain's own table. */
export function stageDiagram(): string {
  const [first] = STAGE_TRANSITIONS;
  const transitions = STAGE_TRANSITIONS.map(({ from, to, trigger }) => `    ${from} --> ${to}: ${trigger}`);
  const last = '    DECIDED --> [*]: the outcome is on Kafka';
  return ['```mermaid', 'stateDiagram-v2', `    [*] --> ${first.from}`, ...transitions, last, '```'].join('\n');
}
