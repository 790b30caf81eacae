import { Kafka, logLevel, Partitioners } from 'kafkajs';
import type { Row } from './board.ts';
import { castRole, type Role } from './cast.ts';

/** Submits `count` tokens, about ten a second, and the hints that go with them. Resolves once all are acknowledged. */
export async function submitAll(
  count: number,
  options: { readonly settings: Readonly<Record<string, string>>; readonly rows: Map<string, Row>; readonly onRole: (role: Role) => void },
): Promise<void> {
  const { settings, rows, onRole } = options;
  const kafka = new Kafka({ brokers: (settings['VF_KAFKA_BROKERS'] ?? '').split(','), clientId: 'demo', logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
  await producer.connect();
  const hints: Promise<unknown>[] = [];
  for (let index = 0; index < count; index += 1) {
    const role = castRole(index, Date.now());
    rows.set(role.verificationId, {
      verificationId: role.verificationId,
      scenario: role.scenario,
      stage: 'SENT',
      reads: 0,
      outcome: '',
      reason: '',
      changedAtMs: Date.now(),
    });
    onRole(role);
    await producer.send({ topic: settings['VF_KAFKA_REQUEST_TOPIC'] ?? '', acks: -1, messages: [{ value: role.request }] });
    const { hint, hintAfterMs } = role;
    if (hint !== undefined && hintAfterMs !== undefined) {
      hints.push(
        sleep(hintAfterMs).then(() =>
          producer.send({ topic: settings['VF_KAFKA_HINT_TOPIC'] ?? '', acks: -1, messages: [{ value: hint }] }),
        ),
      );
    }
    await sleep(count > 200 ? 20 : 100);
  }
  await Promise.all(hints);
  await producer.disconnect();
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
