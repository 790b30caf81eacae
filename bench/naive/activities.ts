import type { Producer } from 'kafkajs';
import { request } from 'undici';

export type NaiveActivities = {
  getResult(token: string): Promise<string>;
  emitOutcome(outcome: { token: string; verdict: string }): Promise<void>;
};

export type NaivePorts = {
  readonly vendorBaseUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly producer: Producer;
  readonly topic: string;
};

/** Two activities: one vendor read, one Kafka send per outcome. Failures are left to Temporal's default retries. */
export function createNaiveActivities(ports: NaivePorts): NaiveActivities {
  return {
    async getResult(token) {
      const query = { api_key: ports.apiKey, api_secret: ports.apiSecret, token };
      const response = await request(`${ports.vendorBaseUrl}/lite/raw/get_result`, { query });
      return verdictOf(await response.body.text());
    },
    async emitOutcome({ token, verdict }) {
      await ports.producer.send({ topic: ports.topic, messages: [{ key: token, value: JSON.stringify({ token, verdict }) }] });
    },
  };
}

function verdictOf(body: string): string {
  const answer: { status?: string; liveness_result?: { result?: string } } = JSON.parse(body);
  return answer.status === 'OK' && answer.liveness_result?.result === 'PASS' ? 'PASSED' : `NOT_PASSED:${answer.status ?? 'UNKNOWN'}`;
}
