import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { conclusionOf, createInbox, type OutcomeEvent, reasonOf, type Taken } from '../../examples/onboarding/inbox.ts';
import { outcomeEvent, requestRecord, verificationIdOf } from '../../examples/onboarding/messages.ts';
import { ROOT } from '../../scripts/docs/documents.ts';
import { variables } from '../../src/config/env.ts';
import { EXAMPLE_OUTCOME } from '../../src/contracts/wire/examples.ts';
import { outcomeHeaders } from '../../src/contracts/wire/outcome-headers.ts';
import { verificationIdOf as frozenIdOf } from '../../src/contracts/wire/token-identity.ts';
import { isReasonCode, primaryOf, REASONS } from '../../src/domain/reasons.ts';
import { OUTCOMES } from '../../src/domain/verdict.ts';
import { findOnPath } from '../../src/localstack/host.ts';
import { classify } from '../../src/ingress/classify.ts';
import { HINTS, NOW, POLICY, recordOf, RETENTION_MS } from '../ingress/support/records.ts';

function revisionOf(verificationId: string, revision: number): OutcomeEvent {
  return { source: '/verdictflow', id: `${verificationId}.r${revision}`, data: { ...EXAMPLE_OUTCOME, verificationId, revision } };
}

type Service = { readonly environment: Readonly<Record<string, string>>; readonly ports?: readonly string[] };

function composeFile(): { readonly services: Readonly<Record<string, Service>> } {
  return parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });
}

describe("the example's inbox", () => {
  it.each<{ what: string; revisions: number[]; taken: Taken[] }>([
    { what: 'a late duplicate', revisions: [1, 2, 1], taken: ['FIRST', 'REVISED', 'REPEATED'] },
    { what: 'revisions out of order', revisions: [2, 1, 3], taken: ['FIRST', 'OUTDATED', 'REVISED'] },
    { what: 'a duplicate of an outdated one', revisions: [2, 1, 1], taken: ['FIRST', 'OUTDATED', 'REPEATED'] },
    { what: 'nothing but duplicates', revisions: [1, 1, 1], taken: ['FIRST', 'REPEATED', 'REPEATED'] },
  ])('takes $what', ({ revisions, taken }) => {
    const inbox = createInbox();
    expect(revisions.map((revision) => inbox.take(revisionOf('v', revision)))).toEqual(taken);
    expect(inbox.latest('v')?.revision).toBe(Math.max(...revisions));
  });

  it('acts on every event at most once, never on a lower revision, and ends with the highest, in whichever order they come', () => {
    const events = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(events, (sequence) => {
        const inbox = createInbox();
        const acted = sequence.filter(([id, revision]) => /FIRST|REVISED/.test(inbox.take(revisionOf(id, revision))));
        for (const id of new Set(sequence.map(([one]) => one))) {
          const revisions = acted.filter(([one]) => one === id).map(([, revision]) => revision);
          expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b));
          expect(revisions.at(-1)).toBe(Math.max(...sequence.filter(([one]) => one === id).map(([, revision]) => revision)));
          expect(inbox.latest(id)?.revision).toBe(revisions.at(-1));
        }
      }),
    );
  });

  it('knows an event by source and id together', () => {
    const inbox = createInbox();
    expect(inbox.take({ ...revisionOf('v', 1), source: '/a' })).toBe('FIRST');
    expect(inbox.take({ ...revisionOf('v', 2), source: '/b', id: 'v.r1' })).toBe('REVISED');
    expect(inbox.take({ ...revisionOf('v', 2), source: '/b', id: 'v.r1' })).toBe('REPEATED');
  });

  it('rejects for FAILED alone: of everything else that is no pass nothing is known, or the user did not finish', () => {
    const conclusions = Object.fromEntries([...OUTCOMES, 'OF_A_LATER_VERSION'].map((outcome) => [outcome, conclusionOf({ outcome })]));
    expect(conclusions).toEqual({
      PASSED: 'ACCEPTED',
      FAILED: 'REJECTED',
      NOT_COMPLETED: 'NOT_DONE',
      NEEDS_REVIEW: 'UNKNOWN',
      EXPIRED: 'UNKNOWN',
      ERROR: 'UNKNOWN',
      OF_A_LATER_VERSION: 'UNKNOWN',
    });
  });

  it('names the reason that decides, as the service does: of those given the first that can', () => {
    const reasons = fc.array(fc.constantFrom(...Object.keys(REASONS).filter(isReasonCode)).map((code) => ({ code, category: '' })));
    const alone = [{ code: 'EVIDENCE_STORE_FAILED', category: 'platform' } as const];
    fc.assert(
      fc.property(reasons, (given) => {
        expect(reasonOf({ reasons: given })).toBe(primaryOf(given)?.code);
      }),
      { examples: [[alone], [[...alone, { code: 'MULTIPLE_FACES', category: 'liveness' }]]] },
    );
  });
});

describe("the example's messages", () => {
  it('make a request that ingress admits, with the token in the data alone', () => {
    const request = { token: 'tok-3f9a8b7c6d5e4f3a2b1c', issuedAt: '2026-01-15T11:59:00.000Z', bizNo: 'applicant-1' };
    const { key, value, headers } = requestRecord(request);
    expect(JSON.stringify({ key, headers, ...JSON.parse(String(value)), data: null })).not.toContain(request.token);
    const record = recordOf(Buffer.from(String(value)), {
      headers: new Map([['content-type', [Buffer.from(String(headers?.['content-type']))]]]),
    });
    const settings = { hintTopic: HINTS, trustHints: false, retentionMs: RETENTION_MS, policyFor: () => POLICY, nowMs: NOW };
    expect(classify(record, settings)).toMatchObject({ kind: 'START', verificationId: frozenIdOf(request.token), request });
  });

  it('know the id of a verification before it is there', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (token) => verificationIdOf(token) === frozenIdOf(token)));
  });

  it('read an outcome as kafkajs hands it out', () => {
    const headers = Object.entries(outcomeHeaders(EXAMPLE_OUTCOME, { source: '/verdictflow' }));
    const event = outcomeEvent({
      key: Buffer.from(EXAMPLE_OUTCOME.verificationId),
      value: Buffer.from(JSON.stringify(EXAMPLE_OUTCOME)),
      headers: Object.fromEntries(headers.map(([name, text]) => [name, Buffer.from(text)])),
      timestamp: '0',
      attributes: 0,
      offset: '0',
    });
    expect(event).toMatchObject({ source: '/verdictflow', id: `${EXAMPLE_OUTCOME.verificationId}.r1`, data: EXAMPLE_OUTCOME });
  });
});

describe('the examples', () => {
  it('find by their defaults what the compose file offers on this machine', () => {
    const { services } = composeFile();
    const [service, emulator, kafka] = ['ingress', 'emulator', 'kafka'].map((name) => services[name]?.environment);
    const topics = variables().flatMap(({ name, default: value }) => (name.endsWith('_TOPIC') ? [[name, value]] : []));
    const offered = {
      ...Object.fromEntries(topics),
      // Its address of the vendor is that of the worker, in the emulator's network.
      ...service,
      ...emulator,
      VF_KAFKA_BROKERS: /HOST:\/\/(127[^,]+)/.exec(kafka?.['KAFKA_ADVERTISED_LISTENERS'] ?? '')?.[1],
    };
    const sources = ['onboarding/onboard.ts', 'python/read_outcomes.py'].map((file) => readFileSync(join(ROOT, 'examples', file), 'utf8'));
    const defaults = sources.flatMap((source) => [...source.matchAll(/\b(VF_[A-Z_]+)(?:'\] \?\? '|", ")([^'"]+)/g)]);
    expect(defaults.length).toBe(sources.join('').match(/\bVF_[A-Z_]+/g)?.length);
    for (const [, name = '', value] of defaults) expect(offered).toHaveProperty([name], value);
    const published = Object.values(services).flatMap(({ ports = [] }) => ports);
    const ports = defaults.flatMap(([, , value = '']) => /127\.0\.0\.1:(\d+)/.exec(value)?.[1] ?? []);
    expect(published).toEqual(expect.arrayContaining(ports.map((port) => `127.0.0.1:${port}:${port}`)));
  });

  it('pin the versions that are tested here', () => {
    const manifest = (path: string): { dependencies: Record<string, string>; devDependencies: Record<string, string> } =>
      JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
    const { dependencies, devDependencies } = manifest('package.json');
    expect({ ...dependencies, ...devDependencies }).toMatchObject(manifest('examples/onboarding/package.json').dependencies);
  });

  it('in Python keep the same rules', () => {
    const python = findOnPath(['python3', 'python']) ?? 'python3';
    const options = { cwd: ROOT, env: { PYTHONDONTWRITEBYTECODE: '1' }, stdio: 'pipe' } as const;
    expect(() => execFileSync(python, ['-m', 'unittest', 'discover', 'examples/python'], options)).not.toThrow();
  });
});
