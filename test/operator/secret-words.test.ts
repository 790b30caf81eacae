import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenSchema, verificationIdOf } from '../../src/contracts/wire/token-identity.ts';
import { beginRedriveJournal, forgetRedriveJournal } from '../../src/operator/dlq/journal.ts';
import { UsageError } from '../../src/operator/errors.ts';
import { openJournal } from '../../src/operator/replay/journal-file.ts';
import { beginJournal, forgetJournal } from '../../src/operator/replay/journal.ts';
import type { JournalFile } from '../../src/operator/replay/ports.ts';
import { createTokenCheck } from '../../src/operator/secret-words.ts';

const MANDATE = { operator: 'jane', reason: 'the vendor asked for it', ticket: 'INC-7' };
const REDRIVE = { mandate: MANDATE, at: '2026-02-01T12:00:00.000Z', topic: 'dlq', terms: { maxRedrives: 3, again: false } };
/** As a person pastes it: in a URL, a JSON, a sentence. */
const tokens = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => tokenSchema.safeParse(text).success),
  fc.constantFrom('1462259748,0da2e48d-1c38', 'a=b=c==', '"quoted"', '-dashes-', 'dots.in.it.'),
);
const around = fc.oneof(fc.constantFrom('', ' ', 'token=', '"', ',', '.', '?biz_token=', '(', '…', '\t'), fc.string({ maxLength: 20 }));

describe('the token of a verification in what people wrote', () => {
  it('is refused wherever it stands, with whatever before and after it, and never repeated', async () => {
    const texts = fc.constantFrom('operator', 'reason', 'ticket', 'reviewer');
    await fc.assert(
      fc.asyncProperty(tokens, around, around, texts, async (token, before, after, where) => {
        const text = `${before}${token}${after}`;
        const ruling = { verdict: 'APPROVED', reviewer: where === 'reviewer' ? text : 'mia' } as const;
        const assertNoToken = createTokenCheck({ ...MANDATE, ...(where === 'reviewer' ? {} : { [where]: text }), ruling });
        const id = verificationIdOf(token);
        await expect(assertNoToken(id)).rejects.toThrow(`the token of ${id} stands in --reason or beside it`);
      }),
    );
  });

  it.each([
    ['replay', forgetJournal, beginJournal],
    ['redrive', forgetRedriveJournal, async (file: JournalFile) => await beginRedriveJournal(file, REDRIVE)],
  ] as const)('is taken out of the journal of a %s, and no file of somebody else is touched', async (_what, forgotten, begin) => {
    const path = join(mkdtempSync(join(tmpdir(), 'verdictflow-words-')), 'file');
    const refusing = (file: JournalFile) => createTokenCheck({ ...MANDATE, ticket: 'tok' }, { forget: async () => await forgotten(file) });
    writeFileSync(path, 'my notes');
    const notes = openJournal(path);
    await expect(refusing(notes)(verificationIdOf('tok'))).rejects.toThrow(UsageError);
    await notes.close();
    expect(readFileSync(path, 'utf8')).toBe('my notes');
    rmSync(path);
    const journal = openJournal(path);
    await begin(journal, { mandate: MANDATE, at: '2026-02-01T12:00:00.000Z' });
    expect(readFileSync(path, 'utf8')).toContain(MANDATE.reason);
    await expect(refusing(journal)(verificationIdOf('tok'))).rejects.toThrow(UsageError);
    await journal.close();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('of another one, and what is of no verification, is nobody’s business', async () => {
    const assertNoToken = createTokenCheck(MANDATE);
    const ids = [verificationIdOf('another-token'), undefined];
    expect(await Promise.all(ids.map(assertNoToken))).toEqual([undefined, undefined]);
  });
});
