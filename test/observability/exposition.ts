type Family = { readonly name: string; readonly kind: string; readonly help: string };

/** What breaks the rules of Prometheus for names and text, of which `promtool check metrics` knows more. Empty: nothing. */
export function problemsOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') return ['the last line has no end'];
  const helps = new Map(pairs(lines, 'HELP'));
  const types = pairs(lines, 'TYPE');
  const families = types.map(([name, kind]) => ({ name, kind, help: helps.get(name) ?? '' }));
  const samples = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return [
    ...twice(types.map(([name]) => name)),
    ...families.flatMap(problemsOfFamily),
    ...problemsOfSamples(samples, families),
    ...twice(seriesOf(samples)),
  ];
}

function pairs(lines: readonly string[], what: 'HELP' | 'TYPE'): [name: string, text: string][] {
  return lines.flatMap((line) => {
    const [, name, text] = new RegExp(`^# ${what} (\\S+) (.+)$`).exec(line) ?? [];
    return name === undefined || text === undefined ? [] : [[name, text]];
  });
}

function problemsOfFamily({ name, kind, help }: Family): string[] {
  const rules: readonly (readonly [broken: boolean, problem: string])[] = [
    [help === '', 'has no help'],
    [!/^[a-z][a-z0-9_]*$/.test(name), 'has another name than lower case and underscores'],
    [kind === 'counter' && !name.endsWith('_total'), 'is a counter without _total'],
    [kind !== 'counter' && name.endsWith('_total'), 'is no counter, but has _total'],
    [/_(ms|milliseconds|minutes|hours|days|kb|kilobytes|mb|megabytes|percent)(_|$)/.test(name), 'is not in base units'],
    [/_(counter|gauge|histogram|summary)(_|$)/.test(name), 'has its kind in its name'],
    [kind === 'histogram' && !/_(seconds|bytes)$/.test(name), 'is a histogram without a unit'],
  ];
  return rules.flatMap(([broken, problem]) => (broken ? [`${name} ${problem}`] : []));
}

function problemsOfSamples(samples: readonly string[], families: readonly Family[]): string[] {
  const names = new Set(
    families.flatMap(({ name, kind }) => (kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name])),
  );
  const sample = /^([a-z_][a-z0-9_]*)(\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)*\})? (?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|[+-]Inf)(?: \d+)?$/i;
  return samples.flatMap((line) => {
    const name = sample.exec(line)?.[1];
    if (name === undefined) return [`is no sample: ${line}`];
    return names.has(name) ? [] : [`${name} has no type`];
  });
}

function seriesOf(samples: readonly string[]): string[] {
  return samples.map((line) => line.slice(0, line.lastIndexOf(' ')));
}

function twice(all: readonly string[]): string[] {
  return all.filter((one, at) => all.indexOf(one) !== at).map((one) => `${one} is there twice`);
}
