import { Client, Connection } from '@temporalio/client';
import { Kafka, logLevel } from 'kafkajs';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/workflow.ts';
import { primaryOf } from '../../src/domain/reasons.ts';
import type { Row } from './board.ts';

export type Watch = { stop(): Promise<void> };

/** Follows the outcome topic and, for stage and reads, Temporal's search attributes; writes what it learns into `rows`. */
export async function watch(rows: ReadonlyMap<string, Row>, settings: Readonly<Record<string, string>>): Promise<Watch> {
  const consumer = await followOutcomes(rows, settings);
  const connection = await Connection.connect({ address: settings['TEMPORAL_ADDRESS'] ?? '' });
  const client = new Client({ connection });
  let stopped = false;
  const polling = (async () => {
    while (!stopped) {
      await pollStages(rows, { client, taskQueue: settings['VF_TASK_QUEUE'] ?? '' });
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await polling;
      await consumer.disconnect();
      await connection.close();
    },
  };
}

async function followOutcomes(rows: ReadonlyMap<string, Row>, settings: Readonly<Record<string, string>>) {
  const kafka = new Kafka({ brokers: (settings['VF_KAFKA_BROKERS'] ?? '').split(','), clientId: 'demo', logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `${settings['VF_KAFKA_GROUP_ID'] ?? 'demo'}-watch`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topic: settings['VF_KAFKA_OUTCOME_TOPIC'] ?? '', fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      const event: { outcome: string; reasons: { code: string }[]; retrieval: { callsUsed: number } } = JSON.parse(
        message.value?.toString() ?? '{}',
      );
      const row = rows.get(message.key?.toString() ?? '');
      if (row) {
        Object.assign(row, {
          outcome: event.outcome,
          reason: primaryOf(event.reasons)?.code ?? '',
          reads: event.retrieval.callsUsed,
          stage: 'DECIDED',
          changedAtMs: Date.now(),
        });
      }
      return Promise.resolve();
    },
  });
  return consumer;
}

async function pollStages(rows: ReadonlyMap<string, Row>, source: { readonly client: Client; readonly taskQueue: string }): Promise<void> {
  for await (const info of source.client.workflow.list({ query: `TaskQueue = '${source.taskQueue}' AND ExecutionStatus = 'Running'` })) {
    const row = rows.get(info.workflowId.slice('fv-'.length));
    const stage = String(info.searchAttributes[SEARCH_ATTRIBUTES.stage.name]?.[0] ?? '');
    if (!row || row.outcome !== '' || stage === '' || (row.stage === stage && row.reads === reads(info.searchAttributes))) continue;
    Object.assign(row, { stage, reads: reads(info.searchAttributes), changedAtMs: Date.now() });
  }
}

function reads(attributes: Readonly<Record<string, unknown>>): number {
  const value = attributes[SEARCH_ATTRIBUTES.readsCounted.name];
  return Array.isArray(value) ? Number(value[0] ?? 0) : 0;
}
