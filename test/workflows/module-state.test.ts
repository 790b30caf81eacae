import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Expression, parseSync, type Statement } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where the modules of the workflow bundle come from; wire contracts are not among them. */
const FOLDERS = ['workflows', 'src/domain', 'src/contracts'];

/**
 * The bundle's modules are loaded once and shared by all workflows of a worker. State in one of them would leak from one
 * verification into another and break replay, so a module's scope may hold only what nobody can change.
 */
describe('the modules that all workflows of a worker share', () => {
  it('keep no state', () => {
    const files = FOLDERS.flatMap(modulesOf);
    expect(files.length).toBeGreaterThan(40);
    // The same number each time, which no command depends on.
    expect(files.flatMap((file) => statesIn(file, readFileSync(join(root, file), 'utf8')))).toEqual([
      'workflows/index.ts: Error.stackTraceLimit = 4;',
    ]);
  });

  it.each([
    ['a variable', 'let count = 0;'],
    ['an exported variable', 'export let count = 0;'],
    ['a cache', 'const cache = new Map<string, string>();'],
    ['a list that can grow', 'const seen: string[] = [];'],
    ['an object that can change', 'export const last = { atMs: 0 };'],
    ['a regular expression that remembers where it was', 'const WORD = /a/g;'],
    ['a static field', 'class Counter { static value = 0; }'],
    ['work done at load time', 'prepare();'],
  ])('can fail: %s is found', (_what, source) => {
    expect(statesIn('example.ts', source)).toHaveLength(1);
  });

  it('may hold constants', () => {
    const source = [
      "const NAMES = ['a'] as const;",
      'export const OPTIONS = { retry: { maximumAttempts: 1 } } as const;',
      'const ORDER: readonly string[] = [];',
      'const TEXTS: Readonly<Record<string, string>> = {};',
      'const TEXT = /^a$/;',
      'const { read } = proxyActivities({ startToCloseTimeout: 1 });',
      "const query = defineQuery('state');",
      'export function pure(): void {}',
    ].join('\n');
    expect(statesIn('example.ts', source)).toEqual([]);
  });
});

function modulesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('wire/'))
    .map((name) => join(folder, name));
}

/** Every piece of module scope that could change after loading, as `file: source`. */
function statesIn(file: string, source: string): string[] {
  return parseSync(file, source)
    .program.body.filter((statement) => isState(statement, source))
    .map(({ start, end }) => `${file}: ${source.slice(start, Math.min(end, start + 80))}`);
}

function isState(statement: Statement, source: string): boolean {
  switch (statement.type) {
    case 'ExportNamedDeclaration':
      return statement.declaration !== null && isState(statement.declaration, source);
    case 'VariableDeclaration':
      return (
        statement.kind !== 'const' || statement.declarations.some(({ id, init }) => !init || isChangeable(init, declaredType(id, source)))
      );
    case 'ClassDeclaration':
      return statement.body.body.some((member) => member.type === 'PropertyDefinition' && member.static && !member.readonly);
    case 'ImportDeclaration':
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'TSTypeAliasDeclaration':
    case 'TSInterfaceDeclaration':
      return false;
    default:
      return true;
  }
}

function declaredType(id: { readonly start: number; readonly end: number }, source: string): string {
  return source.slice(id.start, id.end);
}

/** The SDK's definitions are functions and frozen descriptions; every other call has to show that it keeps nothing. */
const DEFINITIONS = /^(proxyActivities|proxyLocalActivities|defineQuery|defineSignal|defineUpdate|defineSearchAttributeKey)$/;

function isChangeable(value: Expression, declared: string): boolean {
  switch (value.type) {
    case 'TSAsExpression':
      return !(value.typeAnnotation.type === 'TSTypeReference' && isNamed(value.typeAnnotation.typeName, /^const$/));
    case 'TSSatisfiesExpression':
      return isChangeable(value.expression, declared);
    case 'ArrayExpression':
    case 'ObjectExpression':
      return !/:\s*(readonly |Readonly<|Readonly[A-Z])/.test(declared);
    case 'Literal':
      return 'regex' in value && /[gy]/.test(value.regex.flags);
    case 'CallExpression':
      return !isNamed(value.callee, DEFINITIONS);
    case 'NewExpression':
      return !/:\s*Readonly(Map|Set)</.test(declared);
    default:
      return ![
        'Identifier',
        'MemberExpression',
        'BinaryExpression',
        'UnaryExpression',
        'TemplateLiteral',
        'ArrowFunctionExpression',
      ].includes(value.type);
  }
}

function isNamed(node: { readonly type: string }, pattern: RegExp): boolean {
  return node.type === 'Identifier' && 'name' in node && typeof node.name === 'string' && pattern.test(node.name);
}
