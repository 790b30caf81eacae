import { expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../../src/contracts/errors.ts';
import { CHECKS } from '../../../src/operator/doctor/catalogue.ts';
import { examine } from '../../../src/operator/doctor/examine.ts';
import { asTold, CannotTell, ok } from '../../../src/operator/doctor/findings.ts';

it('every check is told, whatever comes of the others: one that fails, breaks, hangs or cannot look', async () => {
  const found = await examine(
    [
      { id: 'settings', look: () => [ok('fine')] },
      { id: 'admin-port', look: () => [asTold('WARN', 'open')] },
      { id: 'kafka-group', look: () => Promise.reject(new DependencyUnavailableError('kafka', 'no answer; set VF_X')) },
      { id: 'kafka-lag', look: () => Promise.reject(new CannotTell('not asked')) },
      {
        id: 'node',
        look: () => {
          throw new TypeError('secret');
        },
      },
      { id: 'vendor-key', look: () => new Promise(() => undefined) },
    ],
    { limitMs: 20 },
  );
  expect(found).toEqual([
    { check: 'settings', status: 'OK', saw: 'fine' },
    { check: 'admin-port', status: 'WARN', saw: 'open', remedy: CHECKS['admin-port'].remedy },
    { check: 'kafka-group', status: 'FAIL', saw: 'no answer', remedy: 'set VF_X' },
    { check: 'kafka-lag', status: 'SKIPPED', saw: 'not asked' },
    { check: 'node', status: 'FAIL', saw: 'the check itself broke (TypeError)', remedy: expect.stringContaining('defect') },
    { check: 'vendor-key', status: 'FAIL', saw: 'no answer within 0.02 s', remedy: expect.any(String) },
  ]);
});
