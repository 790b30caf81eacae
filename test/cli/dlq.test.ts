import { describe, expect, it } from 'vitest';
import { verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import type { SentAgain } from '../../src/operator/dlq/ports.ts';
import { deadLetter, SECRET } from '../operator/dlq/letters.ts';
import { type Ran, runFakeCli } from './fake-cli.ts';
import { JOURNAL } from './replay-world.ts';

const DLQ = 'dlq';
const env = { USER: 'jane', VF_KAFKA_DLQ_TOPIC: DLQ, VF_KAFKA_REQUEST_TOPIC: 'requests' };

/** A topic with one letter of the verification of `SECRET`, and what is sent again from it. */
function oneLetter() {
  const sent: SentAgain[] = [];
  const { record } = deadLetter();
  const span = { partition: record.partition, from: record.offset, until: record.offset + 1n };
  const deadLetters = {
    source: {
      spans: async (topic: string) => await Promise.resolve(topic === DLQ ? [span] : []),
      read: async function* () {
        yield await Promise.resolve(record);
      },
    },
    targets: {
      facts: async () => await Promise.resolve(new Map([['requests', { partitions: 6, datesRecords: false }]])),
      send: async (record: SentAgain) => {
        sent.push(record);
        return await Promise.resolve({ topic: 'requests', partition: 3, offset: '1' });
      },
    },
    publisher: { publish: async () => await Promise.resolve({ topic: 'audit', partition: 0, offset: '0' }) },
    close: async () => await Promise.resolve(),
  };
  const journals = new Map<string, string[]>();
  const redrive = async (args: readonly string[]): Promise<Ran> =>
    await runFakeCli(['dlq', 'redrive', '--all', '--journal', JOURNAL, ...args], { env, deadLetters, journals });
  return { sent, journals, redrive };
}

describe('dlq redrive', () => {
  it('sends with a reason that names no token', async () => {
    const { sent, journals, redrive } = oneLetter();
    expect(await redrive(['--reason', 'the schema is corrected'])).toMatchObject({ code: 0 });
    expect([sent.length, JSON.stringify([...journals]).includes(SECRET)]).toEqual([1, false]);
  });

  it.each([
    ['reason', ['--reason', `mended for token=${SECRET}.`]],
    ['ticket', ['--reason', 'x', '--ticket', SECRET]],
    ['operator', ['--reason', 'x', '--operator', SECRET]],
  ])('refuses a %s that holds the token of a letter: it would be published, and the journal keeps nothing of it', async (_what, args) => {
    const { sent, journals, redrive } = oneLetter();
    const { code, err, out } = await redrive(args);
    expect([code, sent]).toEqual([64, []]);
    expect(err).toContain(`the token of ${verificationIdOf(SECRET)} stands in --reason or beside it, which is published: leave it out`);
    expect(`${out}${err}${JSON.stringify([...journals])}`).not.toContain(SECRET);
  });
});
