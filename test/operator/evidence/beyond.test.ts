import { expect, it } from 'vitest';
import { gateWorkflowId, grantedReadWorkflowId, grantedRevisionWorkflowId, workflowIdOf } from '../../../src/domain/ids.ts';
import { beyondErasure } from '../../../src/operator/evidence/beyond.ts';

const [ID, OTHER] = ['a'.repeat(26), 'b'.repeat(26)];
const TOPICS = { requests: 'our-requests', outcomes: 'our-outcomes', deadLetters: 'our-dead-letters' };

it('what an erasure does not reach is told by the names that the topics have here', () => {
  const told = beyondErasure({ topics: TOPICS, tombstones: false });
  for (const topic of Object.values(TOPICS)) expect(told.filter(({ where }) => where.includes(topic))).toHaveLength(1);
});

it('the command that deletes histories takes the runs of the verification and its grants, and nothing of others', () => {
  const command = beyondErasure({ topics: TOPICS, tombstones: true }).find(({ where }) => where === 'Temporal')?.command ?? '';
  const prefix = /STARTS_WITH '(.*)'/.exec(command)?.[1]?.replace('<id>', ID) ?? '';
  const idsOf = (id: string): string[] => [workflowIdOf(id), grantedReadWorkflowId(id, 2), grantedRevisionWorkflowId(id, 3)];
  const taken = [...idsOf(ID), ...idsOf(OTHER), gateWorkflowId('sgp')].filter((workflowId) => workflowId.startsWith(prefix));
  expect(taken).toEqual(idsOf(ID));
});
