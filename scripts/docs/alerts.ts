import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { markdownTable } from './tables.ts';

const FILE = fileURLToPath(new URL('../../ops/alerts.yml', import.meta.url));

type Rule = {
  readonly alert: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string; readonly runbook: string };
};

/** Every alert, in the words of its rule. */
export function alertTable(): string {
  const { groups }: { groups: { rules: Rule[] }[] } = parse(readFileSync(FILE, 'utf8'));
  const rows = groups
    .flatMap(({ rules }) => rules)
    .map(({ alert, for: patience = 'at once', labels: { severity }, annotations: { summary, action, runbook } }) => [
      `[${alert.replace('Verdictflow', '')}](${runbook.replace(/^docs\//, '')})`,
      severity,
      patience,
      plain(summary),
      action.replaceAll('|', '\\|'),
    ]);
  return markdownTable(['Alert', 'Severity', 'After', 'Says', 'What to do'], rows);
}

/** `{{ $labels.topic }}` as `<topic>`, a value as `N`. */
function plain(text: string): string {
  return text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '`<$1>`').replaceAll(/\{\{ \$value.*?\}\}/g, 'N');
}
