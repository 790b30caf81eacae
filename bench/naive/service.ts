import { fileURLToPath } from 'node:url';
import { Client, Connection, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Kafka, logLevel } from 'kafkajs';
import { createNaiveActivities } from './activities.ts';

/**
 * The baseline: what a careful programmer writes in an hour. It commits after the starts of a batch, starts them
 * concurrently, and leaves every other option of kafkajs, the client and the worker at its default.
 */
async function main(): Promise<void> {
  const kafka = new Kafka({ clientId: 'naive', brokers: [setting('NAIVE_KAFKA_BROKERS')], logLevel: logLevel.WARN });
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: setting('NAIVE_GROUP_ID') });
  const address = setting('NAIVE_TEMPORAL_ADDRESS');
  const taskQueue = setting('NAIVE_TASK_QUEUE');
  const [connection, client] = await Promise.all([
    NativeConnection.connect({ address }),
    connectClient(address),
    producer.connect(),
    consumer.connect(),
  ]);
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: fileURLToPath(new URL('workflow-bundle.cjs', import.meta.url)) },
    activities: createNaiveActivities({
      vendorBaseUrl: setting('NAIVE_VENDOR_URL'),
      apiKey: setting('NAIVE_API_KEY'),
      apiSecret: setting('NAIVE_API_SECRET'),
      producer,
      topic: setting('NAIVE_OUTCOME_TOPIC'),
    }),
  });
  await consumer.subscribe({ topics: [setting('NAIVE_REQUEST_TOPIC')], fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    async eachBatch({ batch }) {
      await Promise.all(batch.messages.map(({ value }) => start(client, { taskQueue, record: String(value) })));
    },
  });
  await joined;
  process.stdout.write('{"event":"ready","role":"naive"}\n');
  await worker.run();
  await Promise.all([consumer.disconnect(), producer.disconnect()]);
  await Promise.all([connection.close(), client.connection.close()]);
}

async function connectClient(address: string): Promise<Client> {
  return new Client({ connection: await Connection.connect({ address }) });
}

async function start(client: Client, { taskQueue, record }: { taskQueue: string; record: string }): Promise<void> {
  const { token }: { token: string } = JSON.parse(record);
  try {
    await client.workflow.start('verify', { taskQueue, workflowId: `naive-${token}`, args: [token] });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: this service is started by the bench`);
  return value;
}

await main();
