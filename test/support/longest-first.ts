import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The slowest files, slowest first. A file that is not named only costs some waiting at the end. */
const SLOWEST = [
  'quota/quota.integration',
  'kills.integration',
  'replay/replay.integration',
  'kafka-black-hole.integration',
  'gate/hold.integration',
  'cost.integration',
  'explorer/explorer.test',
  'decide.integration',
  'questions.integration',
  'kafka/security.integration',
  'credentials.integration',
  'operator-actions.integration',
  'absent-dependencies.integration',
  'by-itself.integration',
  'consumer.integration',
  'standing-outcomes.integration',
  'doctor.integration',
  'secrets.integration',
  'dlq/redrive.integration',
  'workers/main',
  '.integration.',
  '.workflow.',
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
