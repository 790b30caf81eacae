import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The slowest files, slowest first, and those of a project behind each other, since a process that changes its project is made anew.
 * Beside the two that judge by the clock stand those at first that mostly wait. A file that is not named only costs some waiting at the end.
 */
const SLOWEST = [
  'kafka-black-hole.integration',
  'quota/quota.integration',
  'gate/hold.integration',
  'credentials.integration',
  'standing-outcomes.integration',
  'gate/by-itself.integration',
  'clocks.integration',
  'consumer.integration',
  'kills.integration',
  'bench/cost.integration',
  'redelivery.integration',
  'replay/replay.integration',
  'questions.integration',
  'decide.integration',
  'kafka/security.integration',
  'secrets.integration',
  'bad-records.integration',
  'account.integration',
  'doctor.integration',
  'trusted-hints.integration',
  'tracing.integration',
  'emission-kill.integration',
  'dlq/redrive.integration',
  'erase.integration',
  'encrypted.integration',
  'doctor/secure.integration',
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
