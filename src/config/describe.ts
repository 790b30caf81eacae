import { type Variable, variables } from './env.ts';
import { ownVariables } from './load.ts';

/** Markdown table of all variables, for docs/configuration.md; a docs test compares it. */
export function configTable(): string {
  const rows = variables().map((variable) =>
    [
      `\`${variable.name}\``,
      meaning(variable),
      variable.form,
      variable.default === undefined ? '–' : `\`${variable.default}\``,
      requiredBy(variable),
    ].join(' | '),
  );
  return ['| Variable | Meaning | Form | Default | Required by |', '|---|---|---|---|---|', ...rows.map((row) => `| ${row} |`)].join('\n');
}

/** Plain text for `--help`: name, meaning, form, default. */
export function configHelp(): string {
  const width = Math.max(...variables().map((variable) => variable.name.length));
  return variables()
    .map((variable) => `  ${variable.name.padEnd(width)}  ${meaning(variable).replaceAll('`', '')} (${variable.form})${note(variable)}`)
    .join('\n');
}

type EffectiveSetting = {
  readonly name: string;
  /** As written; secrets are `[redacted]`; absent if unset without a default. */
  readonly value?: string;
  readonly source: 'env' | 'default' | 'unset';
};

/** What each variable is and where that comes from. Shows values as written, valid or not. */
export function effectiveSettings(env: NodeJS.ProcessEnv): readonly EffectiveSetting[] {
  const own = ownVariables(env);
  return variables().map((variable) => {
    const written = own[variable.name];
    if (written !== undefined) return { name: variable.name, value: variable.secret ? '[redacted]' : written, source: 'env' };
    if (variable.default !== undefined) return { name: variable.name, value: variable.default, source: 'default' };
    return { name: variable.name, source: 'unset' };
  });
}

function meaning(variable: Variable): string {
  return variable.secret ? `${variable.description} Secret.` : variable.description;
}

function requiredBy(variable: Variable): string {
  return variable.requiredFor === undefined ? '–' : variable.requiredFor.join(', ');
}

function note(variable: Variable): string {
  if (variable.default !== undefined) return ` [${variable.default}]`;
  return variable.requiredFor === undefined ? '' : ` [required by ${variable.requiredFor.join(', ')}]`;
}
