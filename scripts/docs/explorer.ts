import { CONTROLS } from '../../test/explorer/controls.ts';
import { PROPERTIES } from '../../test/explorer/properties.ts';
import { SIZES } from '../../test/explorer/size.ts';
import { markdownTable } from './tables.ts';

/** The small worlds that `npm test` walks through to the end. */
export function smallWorldTable(): string {
  const rows = SIZES.map(({ name, what, answers, atMost }) => [name, what, answers.length, atMost.acts, atMost.losses].map(String));
  return markdownTable(['World', 'In it', 'Answers', 'Acts', 'Losses'], rows);
}

/** What is looked for in every state. */
export function propertyTable(): string {
  return markdownTable(
    ['Property', 'Says'],
    Object.entries(PROPERTIES).map(([name, says]) => [name.toLowerCase().replaceAll('_', ' '), says]),
  );
}

/** What is found without each part of the protocol. */
export function controlTable(): string {
  const rows = CONTROLS.map(({ part, finds, in: { maxReads } }) => [
    part,
    finds === 'QUOTA' ? `request ${maxReads + 1} of ${maxReads}` : finds.toLowerCase().replaceAll('_', ' '),
  ]);
  return markdownTable(['Taken out: the rule that', 'Found'], rows);
}
