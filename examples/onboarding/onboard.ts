/**
 * Onboards one applicant for each scenario given (`tsx onboard.ts ready-pass ready-fail-match`): gets a token, asks for
 * the verdict, and tells what became of it, a line of JSON for each. Ends when all are known; with `--follow` never.
 */
import { randomUUID } from 'node:crypto';
import { type EachMessagePayload, Kafka, type KafkaMessage, logLevel, Partitioners } from 'kafkajs';
import { conclusionOf, createInbox, reasonOf } from './inbox.ts';
import { outcomeEvent, requestRecord, verificationIdOf } from './messages.ts';
import { getToken } from './vendor.ts';

const follow = process.argv.includes('--follow');
const given = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const scenarios = given.length > 0 || follow ? given : ['ready-pass'];
// Where nothing is set: what docker-compose.yml of verdictflow offers on this machine.
const requestTopic = process.env['VF_KAFKA_REQUEST_TOPIC'] ?? 'faceid.verification.requested.v1';
const outcomeTopic = process.env['VF_KAFKA_OUTCOME_TOPIC'] ?? 'faceid.verification.outcome.v1';
const account = {
  baseUrl: process.env['VF_FACEID_BASE_URL'] ?? 'http://127.0.0.1:8085/faceid',
  apiKey: process.env['VF_FACEID_API_KEY'] ?? 'development',
  apiSecret: process.env['VF_FACEID_API_SECRET'] ?? 'development',
};

const kafka = new Kafka({
  clientId: 'onboarding',
  brokers: (process.env['VF_KAFKA_BROKERS'] ?? '127.0.0.1:29092').split(','),
  logLevel: logLevel.ERROR,
});
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
// A group of its own, because its inbox is: a service has one name for all its instances, and the inbox in its database.
const consumer = kafka.consumer({ groupId: `onboarding-${randomUUID()}`, maxWaitTimeInMs: 500 });
const inbox = createInbox();
/** By verification id. */
const applicants = new Map<string, string>();

async function apply(scenario: string): Promise<void> {
  const bizNo = `applicant-${randomUUID()}`;
  const request = await getToken(account, { bizNo, scenario });
  // Noted before the request is sent: the outcome may be here sooner than the acknowledgement.
  applicants.set(verificationIdOf(request.token), bizNo);
  await producer.send({ topic: requestTopic, acks: -1, messages: [requestRecord(request)] });
}

function conclude(message: KafkaMessage): void {
  // A tombstone erases an outcome; there is nothing to conclude from it.
  if (message.value === null) return;
  const { source, id, data } = outcomeEvent(message);
  const applicant = applicants.get(data?.verificationId ?? '');
  // The topic is shared; this one is somebody else's.
  if (data === undefined || applicant === undefined) return;
  const taken = inbox.take({ source, id, data });
  if (taken === 'REPEATED' || taken === 'OUTDATED') return;
  const { verificationId, revision, outcome, retryAdvice } = data;
  const [conclusion, reason] = [conclusionOf(data), reasonOf(data) ?? null];
  console.log(JSON.stringify({ applicant, verificationId, revision, conclusion, outcome, reason, advice: retryAdvice }));
}

await consumer.connect();
await producer.connect();
// What was decided while this group was not there yet counts as well.
await consumer.subscribe({ topic: outcomeTopic, fromBeginning: true });
const allKnown = new Promise<void>((resolve) => {
  const eachMessage = ({ message }: EachMessagePayload): Promise<void> => {
    // Its offset is committed after this: what a crash interrupts is taken again, and the inbox knows it.
    conclude(message);
    const isDone = applicants.size === scenarios.length && [...applicants.keys()].every((id) => inbox.latest(id) !== undefined);
    if (isDone && !follow) resolve();
    return Promise.resolve();
  };
  void consumer.run({ eachMessage });
});
for (const scenario of scenarios) await apply(scenario);
await allKnown;
await producer.disconnect();
await consumer.disconnect();
