import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The slowest files, slowest first, and those of a project behind each other, since a process that changes its project is made anew.
 * Beside the two that judge by the clock stand two that mostly wait at first; once they are done comes the one for which the S3 server is
 * compiled, before others need it. A file that is not named only costs some waiting at the end.
 */
const SLOWEST = [
  'quota/quota.integration',
  'kafka-black-hole.integration',
  'replay/replay.integration',
  'cost.integration',
  'credentials.integration',
  'consumer.integration',
  'kills.integration',
  's3-store.integration',
  'standing-outcomes.integration',
  'gate/hold.integration',
  'questions.integration',
  'decide.integration',
  'kafka/security.integration',
  'secrets.integration',
  'clocks.integration',
  'conformance/encrypted.integration',
  'by-itself.integration',
  'bad-records.integration',
  'erase.integration',
  'dlq/redrive.integration',
  'account.integration',
  'trusted-hints.integration',
  'tracing.integration',
  'redelivery.integration',
  'emission-kill.integration',
  'doctor/secure.integration',
  'doctor.integration',
  'conformance/evidence.integration',
  'localstack/stack.integration',
  '.integration.',
  'gate.workflow',
  '.workflow.',
  'explorer/explorer.test',
  'workers/main',
  'explorer/controls',
  'emulator/agreement',
  'properties/answers',
];

/** Begins with what takes longest, so that no worker ends alone with it; Vitest knows durations only from its cache, which a fresh clone lacks. */
export class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((one, other) => rank(one) - rank(other)));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const at = SLOWEST.findIndex((part) => moduleId.includes(part));
  return at < 0 ? SLOWEST.length : at;
}
