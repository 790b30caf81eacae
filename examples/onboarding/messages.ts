import { createHash, randomUUID } from 'node:crypto';
import { CloudEvent, type CloudEventV1, Kafka as CloudEvents } from 'cloudevents';
import type { KafkaMessage, Message } from 'kafkajs';
import type { Outcome } from './inbox.ts';

export type Request = {
  readonly token: string;
  readonly issuedAt: string;
  readonly tokenExpiresAt?: string;
  readonly bizNo: string;
};

/** The record that asks for a verdict. The token is a secret: it is neither the key nor the id of the event. */
export function requestRecord(request: Request): Message {
  const event = new CloudEvent({
    id: randomUUID(),
    source: '/onboarding',
    type: 'faceid.verification.requested.v1',
    datacontenttype: 'application/json',
    data: request,
  });
  const { value, headers } = CloudEvents.structured(event);
  return { key: request.bizNo, value, headers: { 'content-type': String(headers['content-type']) } };
}

/** The event in a record of the outcome topic. kafkajs hands headers out as bytes, and the SDK takes only text. */
export function outcomeEvent({ key, value, headers = {} }: KafkaMessage): CloudEventV1<Outcome> {
  const texts = Object.entries(headers).map(([name, values]) => [name, [values].flat().at(-1)?.toString()]);
  const message = { key: key?.toString(), value, headers: Object.fromEntries(texts), body: value };
  const event = CloudEvents.toEvent<Outcome>(message);
  if (Array.isArray(event)) throw new TypeError('a batch of events is on the outcome topic');
  return event;
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Under this id the outcome will come: the application can note it before it sends the request. */
export function verificationIdOf(token: string): string {
  const digest = createHash('sha256').update(`verdictflow:v1:${token}`).digest();
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return Array.from({ length: 26 }, (_, at) => BASE32[Number.parseInt(bits.slice(at * 5, at * 5 + 5), 2)]).join('');
}
