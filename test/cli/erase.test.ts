import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError, EvidenceUnreadableError, RecordRefusedError } from '../../src/contracts/errors.ts';
import { SWEEPER } from '../../src/contracts/mandate.ts';
import { parseEvidenceAudit } from '../../src/contracts/wire/evidence-audit.ts';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import type { EvidenceVault } from '../../src/operator/evidence/ports.ts';
import type { RecordPublisher } from '../../src/operator/ports.ts';
import { openStores } from '../support/evidence-stores.ts';
import { type FakeCli, type Ran, runFakeCli } from './fake-cli.ts';
import { IDS, jsonLines, JOURNAL, records } from './replay-world.ts';

const [ID = '', SECOND = '', THIRD = ''] = IDS;
const WHO = ['--reason', 'asks to be forgotten', '--operator', 'jane', '--ticket', 'DSR-31'];
const MANDATE = { operator: 'jane', reason: 'asks to be forgotten', ticket: 'DSR-31' };
const ORDER = [...WHO, '--journal', JOURNAL];
const NOW_MS = Date.parse('2026-02-01T12:00:00Z');
const DAY_MS = 86_400_000;

function world(vaultOf: (vault: EvidenceVault) => EvidenceVault = (vault) => vault) {
  let nowMs = NOW_MS;
  const stores = openStores({ now: () => nowMs });
  const journals = new Map<string, string[]>();
  const run = async (args: readonly string[], fake: FakeCli = {}): Promise<Ran> =>
    await runFakeCli(['erase', ...args], { vault: vaultOf(stores.vault), journals, ...fake });
  return { ...stores, journals, run, turnTo: (ms: number) => void (nowMs = ms) };
}

const actionsIn = (ran: Ran): readonly unknown[] => records(ran.asked).map(({ key, value }) => [key, JSON.parse(value).action]);

describe('erase', () => {
  it('destroys key and objects, is on record as its marker tells it, and prints what it cannot reach', async () => {
    const { vault, keep, run } = world();
    await keep(ID);
    const ran = await run([ID, ...ORDER]);
    expect(ran.code).toBe(0);
    expect(await vault.list(ID)).toEqual({
      verificationId: ID,
      state: { kind: 'ERASED', erasedAt: '2026-02-01T12:00:00.000Z', by: MANDATE },
      objects: [],
    });
    const [audit] = records(ran.asked);
    expect(audit).toMatchObject({ key: ID, topic: 'faceid.verification.replay-audit.v1' });
    expect(parseEvidenceAudit(JSON.parse(audit?.value ?? ''))).toMatchObject({ ok: true, value: { action: 'ERASE', ...MANDATE } });
    expect(ran.out).toContain('1 erased, 0 already were, 0 had nothing; journal j.ndjson\n');
    for (const told of ['temporal workflow delete', 'faceid.verification.outcome.v1', 'VF_TOKEN_KEYS', 'VF_ERASE_TOMBSTONE=true'])
      expect(ran.out).toContain(told);
  });

  it('erases nothing in a dry run, and says of each what would become of it', async () => {
    const { vault, keep, run, journals } = world();
    for (const id of [ID, SECOND]) await keep(id);
    await vault.hold(SECOND, MANDATE);
    const ran = await run([ID, SECOND, THIRD, '--dry-run']);
    expect(ran).toMatchObject({ code: 0, asked: [] });
    expect(ran.out).toContain(`${ID}  ERASE    its key and 2 objects\n`);
    expect(ran.out).toContain(`${SECOND}  HELD     on legal hold`);
    expect(ran.out).toContain('3 verifications: 1 ERASE, 0 ALREADY, 1 NOTHING, 1 HELD\n');
    expect([(await vault.list(ID)).state.kind, (await vault.list(THIRD)).state.kind, journals.size]).toEqual(['KEPT', 'NOTHING', 0]);
  });

  it('sees to it that nothing will be kept where nothing is yet, as of one that still runs', async () => {
    const { vault, keep, run } = world();
    const ran = await run([ID, ...ORDER]);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toContain('0 erased, 0 already were, 1 had nothing');
    await keep(ID);
    expect(await vault.list(ID)).toMatchObject({ state: { kind: 'ERASED', by: MANDATE } });
  });

  it('is on record where the time had passed before, because to be forgotten means more', async () => {
    const { vault, keep, run } = world();
    await keep(ID);
    await vault.erase(ID, { mandate: SWEEPER });
    const ran = await run([ID, ...ORDER]);
    expect([ran.code, actionsIn(ran)]).toEqual([0, [[ID, 'ERASE']]]);
    expect(records(ran.asked).map(({ value }) => parseEvidenceAudit(JSON.parse(value)))).toMatchObject([{ ok: true, value: MANDATE }]);
    expect(await vault.state(ID)).toMatchObject({ by: MANDATE });
  });

  it('takes no order in the name of the sweeper, which would mean that nobody asked', async () => {
    const { keep, run, vault } = world();
    await keep(ID);
    const ran = await run([ID, '--reason', 'r', '--operator', SWEEPER.operator, '--yes', '--journal', JOURNAL]);
    expect(ran).toMatchObject({ code: 64, err: expect.stringContaining('--operator: verdictflow-sweeper is nobody') });
    expect((await vault.state(ID)).kind).toBe('KEPT');
  });

  it('repeated, erases nothing twice and tells nothing twice but what was its own', async () => {
    const { keep, run } = world();
    await keep(ID);
    expect((await run([ID, ...ORDER])).code).toBe(0);
    const others = ['--reason', 'again', '--operator', 'joe', '--journal', 'other.ndjson'];
    const again = await run([ID, ...others]);
    expect(again).toMatchObject({ code: 0 });
    expect(again.out).toContain('0 erased, 1 already were, 0 had nothing');
    // The marker tells of jane, and jane has told it.
    expect(actionsIn(again)).toEqual([]);
  });

  it('leaves what is on hold alone, and ends with 1', async () => {
    const { vault, keep, run } = world();
    for (const id of [ID, SECOND]) await keep(id);
    await vault.hold(SECOND, MANDATE);
    const ran = await run([ID, SECOND, ...ORDER]);
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.out).toContain('1 erased, 0 already were, 0 had nothing, 1 on legal hold (verdictflow evidence release, then again)');
    expect(await vault.list(SECOND)).toMatchObject({ state: { kind: 'KEPT', hold: MANDATE }, objects: [{}, {}] });
    expect(actionsIn(ran)).toEqual([[ID, 'ERASE']]);
  });

  it('heeds a hold that is laid between plan and erasure', async () => {
    const { vault, keep, run } = world((inner) => ({
      ...inner,
      erase: async (id, order) => {
        if (order.dryRun !== true) await inner.hold(id, MANDATE);
        return await inner.erase(id, order);
      },
    }));
    await keep(ID);
    const ran = await run([ID, ...ORDER]);
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.err).toContain(`${ID}  HELD`);
    expect((await vault.list(ID)).state.kind).toBe('KEPT');
  });

  it('takes a file, a token, or what is older than an age', async () => {
    const { vault, keep, run, turnTo } = world();
    const token = 'the-token-of-somebody';
    turnTo(NOW_MS - 40 * DAY_MS);
    for (const id of [ID, SECOND]) await keep(id);
    turnTo(NOW_MS - 30 * DAY_MS + 1);
    for (const id of [THIRD, verificationIdOf(token)]) await keep(id);
    turnTo(NOW_MS);
    await vault.hold(SECOND, MANDATE);
    const aged = await run(['--older-than', '30d', ...ORDER, '--json']);
    expect(aged.code).toBe(1);
    expect(jsonLines(aged.out).at(-1)?.totals).toMatchObject({ ERASE: 1, HELD: 1, erased: 1, held: 1 });
    expect((await run(['--file', 'f', ...WHO, '--journal', 'a'], { files: { f: `{"verificationId":"${THIRD}"}\n` } })).code).toBe(0);
    expect((await run(['--token', '-', ...WHO, '--journal', 'b'], { stdin: token })).code).toBe(0);
    const states = await Promise.all([ID, SECOND, THIRD, verificationIdOf(token)].map(async (id) => (await vault.list(id)).state.kind));
    expect(states).toEqual(['ERASED', 'KEPT', 'ERASED', 'ERASED']);
  });

  it('takes all verifications of a business number, as visibility knows them', async () => {
    const { vault, keep, run } = world();
    for (const id of [ID, SECOND]) await keep(id);
    const row = { status: 'COMPLETED', startedAt: '2026-02-01T11:00:00Z' } as const;
    const rows = [ID, SECOND, ID].map((id) => ({ ...row, verificationId: id, workflowId: `fv-${id}` }));
    const env = { VF_BIZNO_SEARCHABLE: 'true', VF_TOKEN_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}` };
    const ran = await run(['--biz-no', '-', ...ORDER], { rows, env, stdin: 'order-1\n' });
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.asked).toContainEqual({ query: expect.stringContaining('VfBizKey IN'), limit: Number.POSITIVE_INFINITY });
    expect(JSON.stringify(ran)).not.toContain('order-1');
    expect([(await vault.list(ID)).state.kind, (await vault.list(SECOND)).state.kind]).toEqual(['ERASED', 'ERASED']);
  });

  it.each<[string, readonly string[], string]>([
    ['nothing to erase', WHO, 'say what is to be erased'],
    ['two selections', [ID, '--older-than', '1d', ...WHO], 'and one of them'],
    ['no reason', [ID, '--operator', 'jane'], '--reason: missing'],
    ['no age', ['--older-than', 'long', ...WHO], 'is no duration'],
    ['an instant for an age', ['--older-than', '2026-01-01T00:00:00Z', ...WHO], 'is no duration'],
    ['a token as an argument', ['some-token', ...WHO], 'argument 1 is not a verification id'],
    ['a token in the reason', [verificationIdOf('tok'), '--reason', 'of tok', '--operator', 'jane'], 'the token of'],
    ['a dry run with a journal', [ID, '--dry-run', '--journal', 'j'], 'leave --journal away'],
  ])('refuses %s', async (_what, args, why) => {
    const { run, journals } = world();
    const ran = await run(args);
    expect(ran).toMatchObject({ code: 64 });
    expect(ran.err).toContain(why);
    expect(ran.err).not.toContain('some-token');
    expect([...journals.values()].flat().join('')).not.toContain('of tok');
  });

  it('ends with 1 if nothing was selected, and with 78 if no store is configured', async () => {
    expect(await world().run(['--older-than', '1d', ...ORDER])).toMatchObject({ code: 1 });
    expect(await runFakeCli(['erase', ID, ...ORDER])).toMatchObject({ code: 78 });
  });

  it('asks before it begins, and without a terminal needs --yes for more than ten', async () => {
    const { vault, keep, run } = world();
    await keep(ID);
    const refused = await run([ID, ...ORDER], { terminal: true, agrees: false });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('Erase the evidence of 1 verifications? Nobody can bring it back.');
    expect((await vault.list(ID)).state.kind).toBe('KEPT');
    const many = await run(['--file', 'f', ...WHO, '--journal', 'many'], { files: { f: IDS.join('\n') } });
    expect(many).toMatchObject({ code: 64 });
    expect(many.err).toContain('verdictflow erase --yes --journal many');
    expect((await run(['--journal', 'many', '--yes'])).code).toBe(0);
    expect((await vault.list(ID)).state.kind).toBe('ERASED');
  });
});

describe('erase goes on', () => {
  it('with the same journal after an interruption, finishes each once and tells each once', async () => {
    const { vault, keep, run } = world();
    for (const id of IDS) await keep(id);
    // Order, end of the plan, and three that are done.
    const first = await run(['--file', 'f', ...ORDER, '--yes'], { files: { f: IDS.join('\n') }, interruptAfter: 5 });
    expect(first).toMatchObject({ code: 1 });
    expect(first.err).toContain('go on with: verdictflow erase --yes --journal j.ndjson');
    const second = await run(['--journal', JOURNAL, '--yes']);
    expect(second).toMatchObject({ code: 0 });
    expect(second.out).toContain(`${IDS.length} erased, 0 already were, 0 had nothing`);
    for (const id of IDS) expect((await vault.list(id)).state.kind).toBe('ERASED');
    expect([...records(first.asked), ...records(second.asked)].map(({ key }) => key).toSorted()).toEqual(IDS);
  });

  it('tells what it had erased before it was killed and could neither tell nor write down', async () => {
    const { vault, keep, run, journals } = world();
    await keep(ID);
    const away: RecordPublisher['publish'] = async () => await Promise.reject(new DependencyUnavailableError('kafka', 'away'));
    const first = await run([ID, ...ORDER], { publish: away });
    expect(first).toMatchObject({ code: 69 });
    expect((await vault.list(ID)).state.kind).toBe('ERASED');
    expect(journals.get(JOURNAL)?.join('')).not.toContain('DONE');
    const second = await run(['--journal', JOURNAL]);
    expect(second).toMatchObject({ code: 0 });
    expect(second.out).toContain('1 erased, 0 already were');
    expect(actionsIn(second)).toEqual([[ID, 'ERASE']]);
  });

  it('past one that fails by itself, which the same journal tries again', async () => {
    let broken = true;
    const { keep, run } = world((inner) => ({
      ...inner,
      erase: async (id, order) => {
        if (broken && id === ID && order.dryRun !== true) throw new EvidenceUnreadableError('this one is odd');
        return await inner.erase(id, order);
      },
    }));
    for (const id of [ID, SECOND]) await keep(id);
    const first = await run([ID, SECOND, ...ORDER]);
    expect(first).toMatchObject({ code: 1 });
    expect(first.err).toContain(`${ID}  failed: this one is odd`);
    expect(first.out).toContain(
      '1 erased, 0 already were, 0 had nothing, 1 failed (the line above says why; the same --journal tries them again)',
    );
    broken = false;
    expect(await run(['--journal', JOURNAL])).toMatchObject({ code: 0 });
  });

  it('says it if the audit topic refuses the record for ever: the evidence is gone all the same', async () => {
    const { vault, keep, run } = world();
    await keep(ID);
    const ran = await run([ID, ...ORDER], { publish: async () => await Promise.reject(new RecordRefusedError('too large')) });
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.err).toContain(`${ID}  ERASED, not on record: too large`);
    expect((await vault.list(ID)).state.kind).toBe('ERASED');
  });

  it.each<[string, readonly string[], string]>([
    ['another selection', [ID, '--journal', JOURNAL], 'leave the ids away'],
    ['another operator', ['--operator', 'joe', '--journal', JOURNAL], 'another --operator'],
  ])('not with %s than the journal has', async (_what, args, why) => {
    const { keep, run } = world();
    await keep(ID);
    await run([ID, ...ORDER]);
    const ran = await run(args);
    expect(ran).toMatchObject({ code: 64 });
    expect(ran.err).toContain(why);
  });

  it('only with a journal of its own', async () => {
    const { run, journals } = world();
    journals.set(JOURNAL, ['{"kind":"ORDER","v":1}']);
    expect((await run(['--journal', JOURNAL])).err).toContain('no journal of verdictflow erase');
  });
});

describe('with VF_ERASE_TOMBSTONE', () => {
  const env = { VF_ERASE_TOMBSTONE: 'true', VF_KAFKA_OUTCOME_TOPIC: 'outcomes' };

  it('the outcome is taken back as well, after the erasure, also where nothing was kept; not of what is on hold', async () => {
    const { vault, keep, run } = world();
    for (const id of [ID, SECOND]) await keep(id);
    await vault.hold(SECOND, MANDATE);
    const ran = await run([ID, SECOND, THIRD, ...ORDER], { env });
    const buried = records(ran.asked).filter(({ topic }) => topic === 'outcomes');
    const stones = [ID, THIRD].map((key) => ({ topic: 'outcomes', key, value: null, headers: {} }));
    expect(buried.toSorted((one, other) => one.key.localeCompare(other.key))).toEqual(stones);
    expect(ran.out).toContain('until it is compacted');
  });

  it('a resumed journal does what was ordered, whatever the setting says by then', async () => {
    const { keep, run } = world();
    await keep(ID);
    await run([ID, ...ORDER], { terminal: true, agrees: false, env });
    const ran = await run(['--journal', JOURNAL]);
    expect(records(ran.asked).map(({ topic }) => topic)).toEqual(['faceid.verification.replay-audit.v1', 'outcomes']);
  });
});
