import { GATE_WORKFLOW_TYPE } from '../../src/contracts/gate.ts';
import { GRANTED_READ_TYPE, GRANTED_REVISION_TYPE, SEARCH_ATTRIBUTES, WORKFLOW_TYPE } from '../../src/contracts/workflow.ts';
import { markdownTable } from './tables.ts';

const { outcome, reason, stage, readsCounted } = SEARCH_ATTRIBUTES;
const OURS = `WorkflowType = '${WORKFLOW_TYPE}'`;
const RUNNING = `${OURS} AND ExecutionStatus = 'Running'`;

/** `asks`: which of the questions in docs/questions.md it answers, as far as a list does. */
type SavedView = { readonly name: string; readonly asks: string; readonly query: string };

/** Views of the Temporal UI's list of workflows. A query knows no "now": what is near its end is for `list --expiring`. */
export const SAVED_VIEWS: readonly SavedView[] = [
  { name: 'Waiting', asks: 'Why is this one waiting?', query: `${RUNNING} AND ${stage.name} = 'WAITING'` },
  { name: 'Reading or about to', asks: 'Why is this one waiting?', query: `${RUNNING} AND ${stage.name} = 'READING'` },
  { name: 'Gates', asks: 'Why is this one waiting?', query: `WorkflowType = '${GATE_WORKFLOW_TYPE}'` },
  { name: 'Every run of one verification', asks: 'Who read this token?', query: `WorkflowId = 'fv-dwo7f5duyy4bp6gv3yi5xvnkk2'` },
  {
    name: 'Granted reads and revisions',
    asks: 'Who read this token?',
    query: `WorkflowType IN ('${GRANTED_READ_TYPE}', '${GRANTED_REVISION_TYPE}')`,
  },
  { name: 'One read left', asks: 'What expires in the next hour?', query: `${RUNNING} AND ${readsCounted.name} = 2` },
  { name: 'No read left', asks: 'What expires in the next hour?', query: `${RUNNING} AND ${readsCounted.name} >= 3` },
  {
    name: 'Missed the threshold',
    asks: 'Why did this one fail, and who changed it?',
    query: `${OURS} AND ${outcome.name} = 'FAILED' AND ${reason.name} = 'MATCH_BELOW_THRESHOLD'`,
  },
  {
    name: 'For a person to decide',
    asks: 'Why did this one fail, and who changed it?',
    query: `${OURS} AND ${outcome.name} = 'NEEDS_REVIEW'`,
  },
  {
    name: 'Quota used up',
    asks: 'Which reads have an answer that nobody knows?',
    query: `${OURS} AND ${reason.name} = 'QUOTA_EXHAUSTED'`,
  },
  {
    name: 'Nobody knows',
    asks: 'Which ended in the last hour without our knowing?',
    query: `${OURS} AND ${outcome.name} IN ('EXPIRED', 'ERROR')`,
  },
  { name: 'Decided, not yet published', asks: 'Do we keep up?', query: `${RUNNING} AND ${stage.name} = 'DECIDED'` },
  { name: 'All that run', asks: 'Do we keep up?', query: RUNNING },
  {
    name: 'Without an outcome',
    asks: 'Which ended without any outcome?',
    query: `${OURS} AND ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')`,
  },
];

/** The page of the list with that query, which the UI also keeps among its saved views under that name. */
export function savedViewLink({ name, query }: SavedView, { ui, namespace }: { readonly ui: string; readonly namespace: string }): string {
  const asked = `query=${encode(query)}&savedQuery=${encode(name)}`;
  return `${ui}/namespaces/${namespace}/workflows?${asked}`;
}

/** As in a path: parentheses and quotes would end a link in Markdown. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/['()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

const LOCAL = { ui: 'http://localhost:8233', namespace: 'default' };

/** For the docs: links lead to the Temporal of the demo and of the compose file. */
export function savedViewTable(): string {
  const rows = SAVED_VIEWS.map((view) => [view.asks, `[${view.name}](${savedViewLink(view, LOCAL)})`, `\`${view.query}\``]);
  return markdownTable(['Question', 'View', 'Query'], rows);
}
