import { packageVersion } from '../../config/package-version.ts';
import { markOf } from '../../config/token-keys.ts';
import type { Check } from '../../operator/doctor/examine.ts';
import { skipped } from '../../operator/doctor/findings.ts';
import { type Holder, judgeKeys } from '../../operator/doctor/keys.ts';
import type { Examination } from './examination.ts';

/** Our own keys beside those of whoever can be seen: workers by their heartbeats, ingress by the consumer group. */
export function keyCheck({ config, role, sights }: Examination): Check {
  const { tokenKeys, tokenKeysInFile } = config;
  const own: readonly Holder[] =
    tokenKeys.length === 0
      ? []
      : [
          {
            who: 'this process',
            mark: { version: packageVersion(), keys: tokenKeys.map(markOf), fromFile: tokenKeysInFile },
            seals: role !== 'worker',
            opens: role !== 'ingress',
          },
        ];
  return {
    id: 'sealing-keys',
    look: async () => {
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
      const others: readonly Holder[] = [
        ...(workers ?? []).flatMap(({ identity, mark }) =>
          mark === undefined ? [] : [{ who: `worker ${identity}`, mark, seals: false, opens: true }],
        ),
        ...members.flatMap(({ host, mark }) =>
          mark === undefined ? [] : [{ who: `ingress on ${host}`, mark, seals: true, opens: false }],
        ),
      ];
      if (others.length === 0)
        return [skipped('no worker or ingress of this version tells which keys it holds (workers do 10 s after their start)')];
      return judgeKeys([...own, ...others]);
    },
  };
}
