import { describe, expect, it } from 'vitest';
import { DependencyUnavailableError } from '../../src/contracts/errors.ts';
import { gateAfter, type GateEvent, type GateState, openGate, readLimit } from '../../src/domain/gate/gate.ts';
import type { GatePort } from '../../src/operator/ports.ts';
import { runFakeCli } from './fake-cli.ts';

const AT = '2026-02-01T12:00:00.000Z';
const HOLD: GateEvent = { kind: 'HOLD', at: AT, by: 'jane', reason: 'the vendor asks to stop', ticket: 'INC-7' };
const RESUME: GateEvent = { kind: 'RESUME', at: AT, by: 'joe', reason: 'it is back' };
const MANDATE = ['--operator', 'jane', '--reason', 'the vendor asks to stop', '--ticket', 'INC-7'];

function after(...events: GateEvent[]): GateState {
  return events.reduce((state, event) => gateAfter(state, event), openGate(AT));
}

function port(state: GateState, order: GatePort['order'] = async () => await Promise.reject(new Error('not used'))): GatePort {
  const queue = {
    name: 'verdictflow-reads',
    waiting: 12,
    pollers: 4,
    ...(readLimit(state) === undefined ? {} : { perSecond: readLimit(state) ?? 0 }),
  };
  return { status: async () => await Promise.resolve({ region: 'sgp', workflowId: 'vf-gate-sgp', state, queue }), order };
}

describe('gate status', () => {
  it('tells who holds it, since when and why, and how many reads wait; 1 means that no read may begin', async () => {
    const ran = await runFakeCli(['gate', 'status'], { gate: port(after(HOLD)) });
    expect(ran).toMatchObject({ code: 1, err: '', closed: 1 });
    expect(ran.out).toMatchInlineSnapshot(`
      "Gate:                 sgp (vf-gate-sgp)
      State:                HELD
      Now:                  no read begins
      Since:                2026-02-01T12:00:00.000Z
      By:                   jane
      Because:              the vendor asks to stop
      Ticket:               INC-7
      Reads that wait:      12 on verdictflow-reads
      Limit of the queue:   0 a second
      Workers on the queue: 4
      "
    `);
  });

  it('tells of a resumption, and of the hold that it undoes', async () => {
    const ran = await runFakeCli(['gate'], { gate: port(after(HOLD, RESUME)) });
    expect(ran.out).toMatchInlineSnapshot(`
      "Gate:                 sgp (vf-gate-sgp)
      State:                CANARY
      Now:                  the next read that waits tries the vendor alone
      Since:                2026-02-01T12:00:00.000Z
      By:                   joe
      Because:              it is back
      Held since:           2026-02-01T12:00:00.000Z
      Held by:              jane
      Held because:         the vendor asks to stop
      Held ticket:          INC-7
      Reads that wait:      12 on verdictflow-reads
      Limit of the queue:   4 a second
      Workers on the queue: 4
      "
    `);
  });

  it('is 0 while reads begin', async () => {
    const ran = await runFakeCli(['gate', 'status', '--json'], { gate: port(after()) });
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({ region: 'sgp', readsHeld: false, state: { phase: 'OPEN' }, queue: { waiting: 12 } });
  });
});

describe('gate hold and resume', () => {
  it('order it with operator, reason and ticket', async () => {
    const asked: unknown[] = [];
    const gate = port(after(HOLD), async (what, mandate) => {
      asked.push([what, mandate]);
      const state = after(HOLD);
      const says = 'the gate of sgp is HELD';
      return await Promise.resolve({
        result: 'DONE',
        view: { region: 'sgp', phase: 'HELD', says, state, readsPerSecond: 0, readsWaiting: 3, queueFollows: true },
      });
    });
    const ran = await runFakeCli(['gate', 'hold', ...MANDATE], { gate });
    expect(ran).toMatchObject({ code: 0, out: 'the gate of sgp is HELD: no read begins; 3 reads wait\n', err: '', closed: 1 });
    expect(asked).toEqual([['hold', { operator: 'jane', reason: 'the vendor asks to stop', ticket: 'INC-7' }]]);
  });

  it.each([
    ['hold', 'From a second after the answer no worker begins a read.'],
    ['resume', 'One read tries the vendor first'],
  ])('%s --help says what follows', async (what, says) => {
    expect((await runFakeCli(['gate', what, '--help'])).out).toContain(says);
  });

  it('say so if the server does not follow yet', async () => {
    const view = { region: 'sgp', phase: 'HELD', says: 'x', state: after(HOLD), queueFollows: false } as const;
    const gate = port(after(HOLD), async () => await Promise.resolve({ result: 'DONE', view }));
    const ran = await runFakeCli(['gate', 'hold', ...MANDATE], { gate });
    expect([ran.code, ran.err]).toEqual([0, expect.stringContaining('the queue on the server does not follow yet')]);
  });

  it('are refused with the reason if they would change nothing', async () => {
    const gate = port(after(), async () => await Promise.resolve({ result: 'REFUSED', why: 'the gate of sgp is open already' }));
    const ran = await runFakeCli(['gate', 'resume', ...MANDATE, '--json'], { gate });
    expect(ran).toMatchObject({ code: 1, err: 'verdictflow gate resume: the gate of sgp is open already\n' });
    expect(JSON.parse(ran.out)).toEqual({ result: 'REFUSED', why: 'the gate of sgp is open already' });
  });

  it.each([
    ['no reason', ['gate', 'hold', '--operator', 'jane'], '--reason'],
    ['an e-mail address', ['gate', 'hold', '--operator', 'a@b.c', '--reason', 'x'], 'no e-mail address'],
    ['no operator', ['gate', 'resume', '--reason', 'x'], '--operator'],
  ])('with %s ask for it before anything is opened', async (_name, args, says) => {
    const ran = await runFakeCli(args, { env: {}, unavailable: new Error('must not be opened') });
    expect([ran.code, ran.err]).toEqual([64, expect.stringContaining(says)]);
  });

  it('end with 69 if nobody knows whether the gate took it', async () => {
    const gate = port(after(), async () => await Promise.reject(new DependencyUnavailableError('temporal', 'nobody knows')));
    expect((await runFakeCli(['gate', 'hold', ...MANDATE], { gate })).code).toBe(69);
  });
});
