import { X509Certificate } from 'node:crypto';
import { hostPortOf } from '../../contracts/host-port.ts';
import { areLoopback } from '../../contracts/loopback.ts';
import { defined } from '../../domain/defined.ts';
import { refusalText } from '../../kafka/refusals.ts';
import { judgeExpiry, shakeHands } from '../../operator/doctor/certificates.ts';
import { judgeClock } from '../../operator/doctor/clocks.ts';
import type { Check } from '../../operator/doctor/examine.ts';
import { CannotTell, fail, type Found, ok, skipped, warn } from '../../operator/doctor/findings.ts';
import { judgeBroker, judgeGroup, judgeLag, judgeRights, judgeTopics } from '../../operator/doctor/kafka.ts';
import { type Examination, ifSeen, once } from './examination.ts';

/** Between the two looks at what waits. */
const LAG_MS = 2_000;
const NO_BROKER = { what: 'no broker answers', check: 'kafka-bootstrap' } as const;

/** Each question is asked once, for all checks that need it. */
export function kafkaChecks({ config, role, sights: { kafka }, now, sleep }: Examination): readonly Check[] {
  const { brokers, topics: names, groupId } = config.kafka;
  const read = [names.requests, names.hints];
  const advertised = once(async () => await ifSeen(() => kafka.advertised(), NO_BROKER));
  const seenBrokers = once(
    async () => await Promise.all((await advertised()).map(async (address) => ({ address, seen: await kafka.broker(address) }))),
  );
  /** Every question goes to a broker by the address that the cluster tells. */
  const asked = async <T>(question: () => Promise<T>): Promise<T> => {
    const reached = (await seenBrokers()).some(({ seen }) => seen.answers);
    if (!reached) throw new CannotTell('no broker answers at the address that the cluster tells: see kafka-brokers');
    return await question();
  };
  const topics = once(async () => await asked(() => kafka.topics()));
  const group = once(async () => await asked(() => kafka.group()));
  return [
    {
      id: 'kafka-bootstrap',
      look: async () => await Promise.all(brokers.map(async (one) => judgeBroker(one, await kafka.broker(one), { advertised: false }))),
    },
    {
      id: 'kafka-brokers',
      look: async () => (await seenBrokers()).map(({ address, seen }) => judgeBroker(address, seen, { advertised: true })),
    },
    { id: 'kafka-tls', look: async () => await judgeTls({ config, nowMs: now() }, await advertised().catch(() => brokers)) },
    {
      id: 'kafka-topics',
      look: async () => {
        const seen = await topics();
        return judgeTopics(seen, { warnings: await kafka.warnings() });
      },
    },
    {
      id: 'kafka-rights',
      look: async () => {
        const [seen, members] = await Promise.all([topics(), group()]);
        return judgeRights({ topics: seen, group: members }, { role, names, groupId });
      },
    },
    {
      id: 'kafka-group',
      look: async () => {
        const [seen, members] = await Promise.all([topics(), group()]);
        const partitions = seen.flatMap((one) =>
          read.includes(one.topic) ? one.partitions.map(({ partition }) => `${one.topic}/${partition}`) : [],
        );
        return judgeGroup(members, { groupId, partitions });
      },
    },
    {
      id: 'kafka-lag',
      look: async () => {
        const { members, hidden } = await group();
        if (hidden) return [skipped(`this user may not describe group ${groupId}`)];
        const before = await kafka.progress();
        if (before.length === 0) return [skipped('neither topic is there: see kafka-topics')];
        await sleep(LAG_MS);
        return judgeLag(before, await kafka.progress(), { members: members.length });
      },
    },
    {
      id: 'kafka-clock',
      look: async () => {
        const clock = await asked(() => kafka.clock());
        const why = 'the controllers do not tell the time (it takes KRaft, brokers since 3.3, and DESCRIBE on the cluster)';
        return [clock === undefined ? skipped(why) : judgeClock("the clock of Kafka's controller", clock)];
      },
    },
  ];
}

type Tls = { readonly config: Examination['config']; readonly nowMs: number };

async function judgeTls({ config, nowMs }: Tls, addresses: readonly string[]): Promise<readonly Found[]> {
  const { ssl, tls } = config.kafka;
  if (!ssl)
    return [
      areLoopback(addresses)
        ? ok('no TLS, on this machine')
        : warn('no TLS: tokens and verdicts cross the network in clear', 'a TLS listener on the brokers, and VF_KAFKA_SSL=true'),
    ];
  const seen = await Promise.all(
    addresses.map(async (address): Promise<Found> => {
      const { host, port = 9092 } = hostPortOf(address);
      const hands = await shakeHands({ host, port }, { tls: defined({ ca: tls.ca, servername: tls.serverName }) });
      if (!hands.connected) return fail(`${address}: no handshake (${hands.why})`, 'check VF_KAFKA_SSL and the port');
      if (hands.refused === undefined) return judgeExpiry(address, { ...hands.valid, nowMs });
      return { status: 'FAIL', saw: `${address}: ${refusalText({ code: hands.refused, message: hands.refused }) ?? hands.refused}` };
    }),
  );
  return [...seen, ...ownCertificate(tls.cert, nowMs)];
}

function ownCertificate(pem: string | undefined, nowMs: number): readonly Found[] {
  if (pem === undefined) return [];
  const { validFrom, validTo } = new X509Certificate(pem);
  return [judgeExpiry('VF_KAFKA_SSL_CERT_FILE', { fromMs: Date.parse(validFrom), toMs: Date.parse(validTo), nowMs })];
}
