import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliProgram, leavesOf, pathOf } from '../scripts/docs/commands.ts';
import { documentPaths, generatedContracts, generatedDocuments, readDocument, ROOT, SECTIONS } from '../scripts/docs/documents.ts';
import { fillSections, sectionNames } from '../scripts/docs/markers.ts';
import { EVENT_SOURCE } from '../scripts/docs/messages.ts';
import { variables } from '../src/config/env.ts';
import { PROCESS_ROLES } from '../src/config/roles.ts';
import { DEAD_LETTER_REASONS } from '../src/contracts/dead-letter-reasons.ts';
import { parseDeadLetterHeaders } from '../src/contracts/wire/dead-letter.ts';
import { parseHintAudit } from '../src/contracts/wire/hint-audit.ts';
import { parseHint } from '../src/contracts/wire/hint.ts';
import { parseOutcome } from '../src/contracts/wire/outcome.ts';
import { parseDecisionAudit } from '../src/contracts/wire/decision-audit.ts';
import { parseEvidenceAudit } from '../src/contracts/wire/evidence-audit.ts';
import { parseGateEvent } from '../src/contracts/wire/gate-event.ts';
import { parseRedriveAudit } from '../src/contracts/wire/redrive-audit.ts';
import { parseReplayAudit } from '../src/contracts/wire/replay-audit.ts';
import { parseRequest } from '../src/contracts/wire/request.ts';
import { REASONS } from '../src/domain/reasons.ts';
import { metricRows } from '../src/observability/metrics.ts';
import { REDRIVE_CODES } from '../src/operator/dlq/plan.ts';
import { PLAN_CODES } from '../src/operator/replay/plan-line.ts';
import { codeOf, fencedBlocks, headingSlugs, invocationsIn, linksIn } from './support/markdown.ts';
import { sourceText } from './support/sources.ts';

const documents = documentPaths().map((path) => ({ path, text: readDocument(path) }));
const readme = readDocument('README.md');
const operating = readDocument('docs/operating.md');
const runbook = readDocument('docs/runbook.md');
const require = createRequire(import.meta.url);

function headersOf(value: unknown): ReadonlyMap<string, readonly Buffer[]> {
  return new Map(Object.entries(Object(value)).map(([name, text]) => [name, [Buffer.from(String(text))]]));
}

const PARSERS = new Map<string, (value: unknown) => { readonly ok: boolean }>([
  ['request', parseRequest],
  ['hint', parseHint],
  ['outcome', parseOutcome],
  ['replay-audit', parseReplayAudit],
  ['hint-audit', parseHintAudit],
  ['decision-audit', parseDecisionAudit],
  ['redrive-audit', parseRedriveAudit],
  ['evidence-audit', parseEvidenceAudit],
  ['gate', parseGateEvent],
  ['dead-letter-headers', (value) => parseDeadLetterHeaders(headersOf(value))],
]);

describe('generated sections', () => {
  it.each([...generatedDocuments()])('%s is up to date (npm run docs:generate)', (path, content) => {
    expect(readDocument(path)).toBe(content);
  });

  it('are all used, and a stale one is noticed', () => {
    expect(new Set(documents.flatMap(({ text }) => sectionNames(text)))).toEqual(new Set(Object.keys(SECTIONS)));
    const stale = operating.replace('| 69 |', '| 68 |');
    expect(stale).not.toBe(operating);
    expect(fillSections(stale, SECTIONS)).not.toBe(stale);
  });

  it.each([...generatedContracts()])('%s says what the schemas say (npm run docs:generate)', (path, content) => {
    expect(JSON.parse(readDocument(path))).toEqual(JSON.parse(content));
  });

  it('show the event source that the worker uses', () => {
    expect(readFileSync(join(ROOT, 'workers/serve-worker.ts'), 'utf8')).toContain(`EVENT_SOURCE = '${EVENT_SOURCE}'`);
  });
});

describe('messages', () => {
  const blocks = documents.flatMap(({ path, text }) =>
    fencedBlocks(text)
      .filter(({ language }) => language === 'json')
      .map((block) => ({ path, ...block })),
  );

  it('exist for all topics', () => {
    expect(new Set(blocks.map(({ before }) => schemaOf(before)))).toEqual(new Set(PARSERS.keys()));
  });

  it.each(blocks)('in $path, line $line, satisfies the schema it names', ({ before, body }) => {
    const parse = PARSERS.get(schemaOf(before));
    expect(parse?.(JSON.parse(body))).toMatchObject({ ok: true });
    expect(parse?.({ nothing: 'of that' })).toMatchObject({ ok: false });
  });

  function schemaOf(before: string): string {
    return /<!-- schema: ([a-z-]+) -->$/.exec(before)?.[1] ?? 'none';
  }
});

describe('commands', () => {
  const manifest: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(readDocument('package.json'));
  const program = cliProgram();

  it.each(documents)('in $path exist, with their options', ({ text }) => {
    const wrong = invocationsIn(codeOf(text)).flatMap((words) => problemOf(words));
    expect(wrong).toEqual([]);
  });

  it('that do not exist are noticed', () => {
    const text = '`npm run nothing` `npx verdictflow nothing` `npx verdictflow list --colour` `npm start -- evidence-server`';
    expect(invocationsIn(codeOf(text)).flatMap((words) => problemOf(words))).toHaveLength(4);
  });

  it('and roles are all described', () => {
    const cli = readDocument('docs/cli.md');
    expect(
      leavesOf(program)
        .map(pathOf)
        .filter((path) => !cli.includes(`\`${path}`)),
    ).toEqual([]);
    for (const role of PROCESS_ROLES) expect(operating).toContain(`| \`${role}\` |`);
  });

  it('and scripts are all told of', () => {
    const told = documents.flatMap(({ text }) => invocationsIn(codeOf(text))).map(([, verb, script]) => (verb === 'run' ? script : verb));
    expect(Object.keys(manifest.scripts).filter((name) => !told.includes(name))).toEqual([]);
  });

  function problemOf(words: readonly string[]): string[] {
    const [tool, first = '', second = '', ...rest] = words;
    if (tool === 'npm') return npmProblem(first, [second, ...rest]);
    const named = program.commands.find((one) => one.name() === first);
    const command = named?.commands.find((one) => one.name() === second) ?? named?.commands[0] ?? named;
    if (first.startsWith('-') || first === '…') return [];
    if (command === undefined) return [`no command: ${words.join(' ')}`];
    const known = [...command.options.flatMap(({ long, short }) => [long, short]), '--help'];
    return [second, ...rest]
      .filter((word) => /^--?[a-z]/.test(word) && !known.includes(word))
      .map((word) => `no option ${word}: ${words.join(' ')}`);
  }

  function npmProblem(verb: string, rest: readonly string[]): string[] {
    if (verb === 'ci') return [];
    const script = verb === 'run' ? (rest[0] ?? '') : verb;
    if (manifest.scripts[script] === undefined) return [`no script: npm ${verb} ${rest.join(' ')}`];
    const role = script === 'start' ? rest.find((word) => /^[a-z-]+$/.test(word) && word !== '--') : undefined;
    return role === undefined || PROCESS_ROLES.some((one) => one === role) ? [] : [`no role: ${role}`];
  }
});

describe('settings', () => {
  const names = variables().map(({ name }) => name);
  /** Read by the tests, not by the service. */
  const OF_TESTS = ['VF_RECORD_HISTORIES'];
  const files = [...documents.map(({ path }) => path), 'docker-compose.yml', '.env.example', 'Dockerfile'];

  it.each(files)('named in %s exist', (path) => {
    const named = readDocument(path).match(/\bVF_[A-Z0-9_]+/g) ?? [];
    expect(named.filter((name) => !isKnown(name))).toEqual([]);
  });

  it.each(files)('of Temporal named in %s exist', (path) => {
    const library = readFileSync(require.resolve('@temporalio/envconfig'), 'utf8') + libraryFiles();
    const named = readDocument(path).match(/\bTEMPORAL_[A-Z_]+/g) ?? [];
    // Those of the UI's server are not ours: docs/guards.md says on which version they were tried.
    const ofTheUi = /^TEMPORAL_(?:\w+_DISABLED|DISABLE_WRITE_ACTIONS|AUTH_)$/;
    expect(named.filter((name) => !library.includes(name) && !(path === 'docs/guards.md' && ofTheUi.test(name)))).toEqual([]);
  });

  it('that are required stand in .env.example', () => {
    const required = variables().filter((variable) => variable.requiredFor !== undefined);
    expect(required.filter(({ name }) => !readDocument('.env.example').includes(`${name}=`))).toEqual([]);
  });

  function isKnown(name: string): boolean {
    return names.some((one) => one === name || (name.endsWith('_') && one.startsWith(name))) || OF_TESTS.includes(name);
  }

  function libraryFiles(): string {
    const folder = dirname(require.resolve('@temporalio/envconfig'));
    return readdirSync(folder)
      .filter((name) => name.endsWith('.js'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
  }
});

describe('links', () => {
  it.each(documents)('in $path lead to files and headings that exist', ({ path, text }) => {
    const broken = linksIn(text).filter((target) => {
      if (/^https?:/.test(target)) return false;
      const [file = '', anchor] = target.split('#');
      const to = file === '' ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(ROOT, to))) return true;
      return anchor !== undefined && !headingSlugs(readDocument(to)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it.each(documents)('and test files named in $path exist', ({ text }) => {
    const named = text.match(/\btest\/[\w/.-]+\.ts\b/g) ?? [];
    expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('give every promise of the README a test that proves it', () => {
    const promises = readme.split('## What it promises')[1]?.split('\n\n')[1]?.split('\n').slice(2) ?? [];
    expect(promises.length).toBeGreaterThan(9);
    expect(promises.filter((row) => !linksIn(row).some((target) => target.startsWith('test/') && target.endsWith('.test.ts')))).toEqual([]);
  });
});

describe('names in the documents', () => {
  it.each(documents)('metrics of $path are registered', ({ text }) => {
    const registered = metricRows().map(({ name }) => name);
    expect((text.match(/\bverdictflow_[a-z_]+/g) ?? []).filter((name) => !registered.includes(name))).toEqual([]);
  });

  it.each(documents)('log events of $path are logged', ({ text }) => {
    const code = sourceText(['src', 'workflows', 'activities', 'workers']);
    const events = [...text.matchAll(/"event":"([a-z-]+)"/g)].map((match) => match[1] ?? '');
    expect(events.filter((event) => !code.includes(`event: '${event}'`))).toEqual([]);
  });

  it('the shutdown order is the one of the code', () => {
    const code = /const ORDER = \[([^\]]+)\]/.exec(readFileSync(join(ROOT, 'workers/lifecycle.ts'), 'utf8'))?.[1] ?? '';
    const said = /<!-- shutdown-order -->\n(.+)/.exec(operating)?.[1] ?? '';
    expect(said.match(/[a-z]+/g)).toEqual(code.match(/[a-z]+/g));
  });

  it('the runbook knows every reason for a dead letter, and every reason that calls for an operator', () => {
    const ofTheUser: readonly string[] = ['liveness', 'match', 'session'];
    const forOperators = Object.entries(REASONS).flatMap(([code, [category]]) => (ofTheUser.includes(category) ? [] : [code]));
    expect([...DEAD_LETTER_REASONS, ...forOperators].filter((reason) => !runbook.includes(`\`${reason}\``))).toEqual([]);
  });

  it('the runbook says what to do for every code of a replay or a decision that is refused', () => {
    const ofReplays = ['VERDICT_UNCHANGED', 'EMISSION_UNCONFIRMED', 'OTHER_VERDICT', 'NO_OUTCOME_YET', 'NO_VERDICT'];
    const started = [...ofReplays, 'FOR_REVIEW', 'OVERRIDDEN', 'ALREADY_DECIDED', 'DECIDED_BY_HAND'];
    const rows = runbook.split('### What replay refuses or skips')[1] ?? '';
    expect(PLAN_CODES.filter((code) => !started.includes(code) && !rows.includes(`| \`${code}\``))).toEqual([]);
  });

  it('the page on dead letters says what to do for every code of a redrive that is refused', () => {
    const rows = documents.find(({ path }) => path === 'docs/dead-letters.md')?.text ?? '';
    expect(REDRIVE_CODES.filter((code) => code !== 'SEND' && !rows.includes(`| \`${code}\``))).toEqual([]);
  });

  it('the README asks for the Node.js version of package.json', () => {
    const { engines }: { engines: { node: string } } = JSON.parse(readDocument('package.json'));
    expect(readme).toContain(`Node.js ≥ ${engines.node.replace('>=', '')}`);
  });
});
