import { expect, it } from 'vitest';
import { createLogger } from '../../src/observability/pino-logger.ts';

function capture(level: 'debug' | 'info'): { lines: string[]; logger: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  const logger = createLogger({ level, base: { role: 'worker' }, destination: { write: (line: string) => void lines.push(line) } });
  return { lines, logger };
}

it('writes one JSON object a line, with the level as a word and the role', () => {
  const { lines, logger } = capture('info');
  logger.debug({}, 'unseen');
  logger.warn({ partition: 3 }, 'two\nlines');
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd()).not.toContain('\n');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', role: 'worker', partition: 3, msg: 'two\nlines' });
});

it('censors fields that are named like secrets, also one level down', () => {
  const { lines, logger } = capture('debug');
  logger.error({ token: 'tok-invented', request: { apiSecret: 'sec-invented' } }, 'x');
  expect(lines.join()).not.toContain('invented');
});
