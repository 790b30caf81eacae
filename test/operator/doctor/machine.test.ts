import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { judgeExpiry } from '../../../src/operator/doctor/certificates.ts';
import { judgeAdminPort, judgeFiles, judgeNode, judgePackages, judgeSurroundings } from '../../../src/operator/doctor/machine.ts';
import { type Case, expectTold } from './told.ts';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'verdictflow-machine-'));
const fileOf = (mode: number): string => {
  const path = join(folder, mode.toString(8));
  writeFileSync(path, 'x');
  chmodSync(path, mode);
  return path;
};
const life = (leftMs: number, wholeMs = 365 * DAY_MS) => judgeExpiry('it', { fromMs: leftMs - wholeMs, toMs: leftMs, nowMs: 0 });

const MACHINE: readonly Case[] = [
  ['a Node.js that is too old', () => judgeNode('20.18.9', '>=20.19'), 'FAIL', /older than the package allows/],
  ['a newer one', () => judgeNode('24.0.0', '>=20.19'), 'OK', /24/],
  ['a codec without a binary', () => judgePackages({ snappy: () => Promise.reject(new Error('x')) }), 'WARN', /snappy cannot be loaded/],
  ['an open port', () => judgeAdminPort('0.0.0.0', { contained: false }), 'WARN', /whoever reaches/],
  ['the same in a container', () => judgeAdminPort('0.0.0.0', { contained: true }), 'OK', /container/],
  ['a secret that everybody may change', () => judgeFiles({ VF_X_FILE: fileOf(0o602) }), 'WARN', /may change the file of VF_X_FILE/],
  ['a secret for a group', () => judgeFiles({ VF_X_FILE: fileOf(0o440) }), 'OK', /1 file/],
  ['keys of TLS in a file', () => judgeSurroundings({ NODE_OPTIONS: '--tls-keylog=/tmp/x' }, { links: [] }), 'WARN', /keys of TLS/],
  ['requests that are printed', () => judgeSurroundings({ GRPC_TRACE: 'all' }, { links: [] }), 'WARN', /GRPC_TRACE/],
  ['an SDK that traces all', () => judgeSurroundings({}, { links: [], tracing: 'an SDK' }), 'FAIL', /an SDK/],
  ['a certificate that expired', () => life(-1), 'FAIL', /has expired/],
  ['one that expires within a month', () => life(29 * DAY_MS), 'WARN', /in 29 day/],
  ['one that lives for days, and was renewed in time', () => life(DAY_MS, 2 * DAY_MS), 'OK', /good until/],
  ['one that lives for days, and was not', () => life(DAY_MS, 4 * DAY_MS), 'WARN', /in 1 day/],
];

describe('what doctor makes of the machine', () => {
  it.each(MACHINE)('%s', async (_, told, status, saw) => {
    await expectTold(told(), { status, saw });
  });
});
