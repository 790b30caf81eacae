import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError, RecordRefusedError } from '../../../src/contracts/errors.ts';
import { parseEvidenceAudit } from '../../../src/contracts/wire/evidence-audit.ts';
import type { EvidenceVault } from '../../../src/operator/evidence/ports.ts';
import type { RecordPublisher } from '../../../src/operator/ports.ts';
import { SWEEPER } from '../../../src/contracts/mandate.ts';
import { createSweeper } from '../../../src/operator/evidence/sweep.ts';
import { openStores } from '../../support/evidence-stores.ts';

const [ID = '', SECOND = '', THIRD = ''] = ['a', 'b', 'c'].map((letter) => letter.repeat(26));
const HOUR = 3_600_000;
const BEGAN_AT_MS = Date.parse('2026-02-01T12:00:00Z');
const JANE = { operator: 'jane', reason: 'the court asks for it', ticket: 'LEG-4' };
const RUNNING = new AbortController().signal;

type Published = Parameters<RecordPublisher['publish']>[0];

/** Stores and a sweeper under a clock that only moves when the test says so. */
function world({ refuse }: { readonly refuse?: () => Error | undefined } = {}) {
  let nowMs = BEGAN_AT_MS;
  const now = (): number => nowMs;
  const stores = openStores({ now });
  const audits: { readonly key: string; readonly value: string; readonly id: string }[] = [];
  const told: string[] = [];
  const publisher = {
    publish: async ({ topic, key, value, headers }: Published) => {
      const error = refuse?.();
      if (error !== undefined) throw error;
      audits.push({ key, value: value ?? '', id: headers['ce_id'] ?? '' });
      return await Promise.resolve({ topic, partition: 0, offset: '0' });
    },
  };
  const events = {
    erased: ({ verificationId }: { readonly verificationId: string }) => void told.push(`erased ${verificationId}`),
    orphansDeleted: ({ objectsDeleted }: { readonly objectsDeleted: number }) => void told.push(`${objectsDeleted} orphans`),
    untold: ({ refused }: { readonly refused: boolean }) => void told.push(refused ? 'refused' : 'untold'),
  };
  const sweeperOf = (vault: EvidenceVault = stores.vault) => createSweeper({ vault, audit: { publisher, topic: 'audits' }, now, events });
  return { ...stores, audits, told, sweeperOf, pass: (ms: number) => void (nowMs += ms) };
}

describe('the sweeper', () => {
  it('erases what has expired, to the millisecond, and nothing else', async () => {
    const { vault, keep, sweeperOf, pass, audits } = world();
    await keep(ID, { ttlMs: HOUR });
    await keep(SECOND, { ttlMs: HOUR + 1 });
    const sweeper = sweeperOf();
    pass(HOUR - 1);
    expect(await sweeper.sweep(RUNNING)).toMatchObject({ erased: 0, kept: 2, oldestExpiresAtMs: BEGAN_AT_MS + HOUR });
    pass(1);
    expect(await sweeper.sweep(RUNNING)).toMatchObject({ erased: 1, kept: 1, oldestExpiresAtMs: BEGAN_AT_MS + HOUR + 1 });
    expect(await vault.list(ID)).toMatchObject({ state: { kind: 'ERASED', by: SWEEPER }, objects: [] });
    expect(await vault.list(SECOND)).toMatchObject({ state: { kind: 'KEPT' }, objects: [{}, {}] });
    expect(audits.map(({ key, value }) => [key, parseEvidenceAudit(JSON.parse(value))])).toMatchObject([
      [ID, { ok: true, value: { action: 'ERASE', ...SWEEPER, erasedAt: '2026-02-01T13:00:00.000Z' } }],
    ]);
  });

  it('leaves what is on hold until it is released', async () => {
    const { vault, keep, sweeperOf, pass } = world();
    await keep(ID, { ttlMs: HOUR });
    await vault.hold(ID, JANE);
    pass(100 * HOUR);
    const sweeper = sweeperOf();
    // Held evidence is not late.
    expect(await sweeper.sweep(RUNNING)).toEqual({ erased: 0, orphansDeleted: 0, kept: 0, held: 1, unreadable: 0 });
    await vault.release(ID, JANE);
    expect(await sweeper.sweep(RUNNING)).toMatchObject({ erased: 1, held: 0 });
  });

  it('deletes the objects that a killed erasure has left, and tells of it in the name of who ordered it', async () => {
    const { vault, keep, objects, sweeperOf, pass, audits, told } = world();
    const kept = await keep(ID);
    const envelope = await objects.read([...kept.keys()][0] ?? '');
    await vault.erase(ID, { mandate: JANE });
    await objects.create([...kept.keys()][0] ?? '', envelope?.bytes ?? Buffer.alloc(0));
    pass(1);
    expect(await sweeperOf().sweep(RUNNING)).toMatchObject({ erased: 0, orphansDeleted: 1 });
    expect(audits.map(({ value }) => JSON.parse(value))).toMatchObject([
      { action: 'ERASE', ...JANE, erasedAt: '2026-02-01T12:00:00.000Z' },
    ]);
    expect([(await vault.list(ID)).objects, told]).toEqual([[], ['1 orphans']]);
  });

  it('several of them at once erase all of it, and tell each under one id, with the same bytes', async () => {
    const { vault, keep, sweeperOf, pass, audits, told } = world();
    const ids = [ID, SECOND, THIRD];
    for (const id of ids) await keep(id, { ttlMs: HOUR });
    pass(HOUR);
    const sweepers = [sweeperOf(), sweeperOf(), sweeperOf()];
    for (let round = 0; round < 3; round += 1) await Promise.all(sweepers.map(async (sweeper) => await sweeper.sweep(RUNNING)));
    // Under a clock that stands still each takes the marker for its own.
    expect(new Set(told.filter((text) => text.startsWith('erased')))).toEqual(new Set(ids.map((id) => `erased ${id}`)));
    expect(new Set(audits.map(({ id, value }) => `${id} ${value}`)).size).toBe(3);
    // Each process tells each once at most.
    expect(audits.length).toBeLessThanOrEqual(9);
    for (const id of ids) expect((await vault.list(id)).state.kind).toBe('ERASED');
  });

  it('never waits for Kafka to forget, tells it later, and does not put away the word of it before', async () => {
    let kafka: Error | undefined = new DependencyUnavailableError('kafka', 'away');
    const { vault, keep, sweeperOf, pass, audits, told } = world({ refuse: () => kafka });
    await keep(ID, { ttlMs: HOUR });
    pass(HOUR);
    const sweeper = sweeperOf();
    expect(await sweeper.sweep(RUNNING)).toMatchObject({ erased: 1 });
    expect([told, audits]).toEqual([[`erased ${ID}`, 'untold'], []]);
    pass(48 * HOUR);
    await sweeper.sweep(RUNNING);
    kafka = undefined;
    await sweeperOf().sweep(RUNNING);
    expect(audits.map(({ value }) => JSON.parse(value))).toMatchObject([{ erasedAt: '2026-02-01T13:00:00.000Z' }]);
    expect((await vault.list(ID)).state.kind).toBe('ERASED');
  });

  it('goes on without an audit record that the topic refuses for ever, and says so', async () => {
    const { vault, keep, sweeperOf, pass, told } = world({ refuse: () => new RecordRefusedError('too large') });
    await keep(ID, { ttlMs: HOUR });
    pass(HOUR);
    const sweeper = sweeperOf();
    await sweeper.sweep(RUNNING);
    await sweeper.sweep(RUNNING);
    expect(told).toEqual([`erased ${ID}`, 'refused']);
    expect((await vault.list(ID)).state.kind).toBe('ERASED');
  });

  it.each([
    ['while it is told among the keys', 1],
    ['once it was put away', 48 * HOUR],
  ])('has the last word no longer when somebody asks to be forgotten after the time has passed, %s', async (_, laterMs) => {
    const { vault, keep, sweeperOf, pass, audits, paths } = world();
    await keep(ID, { ttlMs: HOUR });
    const sweeper = sweeperOf();
    pass(HOUR);
    await sweeper.sweep(RUNNING);
    pass(laterMs);
    await sweeper.sweep(RUNNING);
    expect(await vault.erase(ID, { mandate: JANE })).toMatchObject({ result: 'ALREADY', keysDeleted: 0 });
    expect(await vault.state(ID)).toMatchObject({ kind: 'ERASED', by: JANE });
    expect(readFileSync(join(paths.keys, 'erased', `${ID}.json`), 'utf8')).toContain('"operator":"jane"');
    // Whoever ordered it was killed before telling of it: the sweeper does, unless it was put away; then the order is given again.
    if (laterMs === 1) {
      await sweeper.sweep(RUNNING);
      expect(audits.map(({ value }) => JSON.parse(value).operator)).toEqual([SWEEPER.operator, 'jane']);
    }
    expect(await vault.erase(ID, { mandate: SWEEPER })).toMatchObject({ result: 'ALREADY' });
    expect(await vault.erase(ID, { mandate: { operator: 'joe', reason: 'again' } })).toMatchObject({ result: 'ALREADY' });
    expect(await vault.state(ID)).toMatchObject({ by: JANE });
    await keep(ID);
    expect((await vault.state(ID)).kind).toBe('ERASED');
  });

  it('is not stopped by one that cannot be erased, and goes on counting how late it is', async () => {
    const { vault, keep, sweeperOf, pass } = world();
    for (const id of [ID, SECOND]) await keep(id, { ttlMs: HOUR });
    pass(2 * HOUR);
    const broken: EvidenceVault = {
      ...vault,
      erase: async (id, order) => {
        if (id === ID) throw new RecordRefusedError('no right to this one');
        return await vault.erase(id, order);
      },
    };
    const swept = await sweeperOf(broken).sweep(RUNNING);
    expect(swept).toMatchObject({
      erased: 1,
      kept: 1,
      oldestExpiresAtMs: BEGAN_AT_MS + HOUR,
      failure: { message: 'no right to this one' },
    });
  });

  it('tells first what another attempt may mend, and then what only a person can', async () => {
    const { vault, keep, sweeperOf, pass, paths } = world();
    for (const id of [ID, SECOND]) await keep(id, { ttlMs: HOUR });
    writeFileSync(join(paths.keys, 'keys', `${ID}.json`), 'no record');
    pass(2 * HOUR);
    const refusing: EvidenceVault = { ...vault, erase: async () => await Promise.reject(new RecordRefusedError('no right')) };
    expect(await sweeperOf(refusing).sweep(RUNNING)).toMatchObject({ unreadable: 1, failure: { message: 'no right' } });
    expect(await sweeperOf().sweep(RUNNING)).toMatchObject({ unreadable: 1, erased: 1, failure: { name: 'EvidenceUnreadableError' } });
  });

  it('ends between two verifications when the process stops', async () => {
    const { vault, keep, sweeperOf, pass } = world();
    for (const id of [ID, SECOND, THIRD]) await keep(id, { ttlMs: HOUR });
    pass(HOUR);
    const stopping = new AbortController();
    const once: EvidenceVault = {
      ...vault,
      erase: async (id, order) => {
        stopping.abort();
        return await vault.erase(id, order);
      },
    };
    expect(await sweeperOf(once).sweep(stopping.signal)).toMatchObject({ erased: 1 });
    const states = await Promise.all([ID, SECOND, THIRD].map(async (id) => (await vault.list(id)).state.kind));
    expect(states.toSorted()).toEqual(['ERASED', 'KEPT', 'KEPT']);
  });
});
