import { processMarkOf } from '../../../workers/settings.ts';
import type { Check } from '../../operator/doctor/examine.ts';
import { type Found, ok, skipped } from '../../operator/doctor/findings.ts';
import { type Holder, judgeKeys, payloadHolders } from '../../operator/doctor/keys.ts';
import { type Examination, once } from './examination.ts';

/** Our own keys beside those of whoever can be seen: workers by their heartbeats, ingress by the consumer group. */
export function keyChecks(examination: Examination): readonly Check[] {
  const { config, role } = examination;
  const { tokenKeys } = config;
  const mark = processMarkOf(config);
  const us = { who: 'this process', mark, seals: role !== 'worker', opens: role !== 'ingress' };
  const others = once(async () => await othersSeen(examination));
  const among = (own: readonly Holder[], judged: (holders: readonly Holder[]) => readonly Found[]) => async () => {
    const seen = await others();
    if (seen.length > 0) return judged([...own, ...seen]);
    return [skipped('no worker or ingress of this version tells which keys it holds (workers do 10 s after their start)')];
  };
  return [
    { id: 'sealing-keys', look: among(tokenKeys.length === 0 ? [] : [us], (holders) => judgeKeys(holders)) },
    {
      id: 'payload-keys',
      look: among([us], (holders) => {
        const ofPayloads = payloadHolders(holders);
        return ofPayloads.length === 0
          ? [ok('nobody has VF_PAYLOAD_KEYS: payloads are not encrypted')]
          : judgeKeys(ofPayloads, 'VF_PAYLOAD_KEYS');
      }),
    },
  ];
}

async function othersSeen({ sights }: Examination): Promise<readonly Holder[]> {
  const [workers, members] = await Promise.all([
    sights
      .temporal()
      .then((temporal) => temporal.workers())
      .catch(() => undefined), // told by temporal-server and temporal-workers
    sights.kafka.group().then(
      (group) => group.members,
      () => [], // told by kafka-bootstrap and kafka-group
    ),
  ]);
  return [
    ...(workers ?? []).flatMap(({ identity, mark }) =>
      mark === undefined ? [] : [{ who: `worker ${identity}`, mark, seals: false, opens: true }],
    ),
    ...members.flatMap(({ host, mark }) => (mark === undefined ? [] : [{ who: `ingress on ${host}`, mark, seals: true, opens: false }])),
  ];
}
