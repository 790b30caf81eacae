import { asTold, type ExaminedRole, fail, type Found, ok, skipped, warn } from './findings.ts';
import type { BrokerSeen, GroupSeen, Progress, TopicSeen } from './ports.ts';
import type { Made } from '../ports.ts';

/** Numbers of the protocol (AclOperation). */
const [READ, WRITE] = [3, 4];

type Topics = Readonly<Record<'requests' | 'hints' | 'outcomes' | 'deadLetters' | 'audit' | 'gate', string>>;

export function judgeBroker(address: string, seen: BrokerSeen, { advertised }: { readonly advertised: boolean }): Found {
  if (!seen.answers) {
    const remedy = advertised
      ? `the cluster tells its clients to connect to ${address}: open the way from here, or correct advertised.listeners of that broker`
      : 'correct VF_KAFKA_BROKERS, or start the broker';
    return fail(`${address}: ${seen.why}`, remedy);
  }
  if (seen.unspoken.length > 0)
    return fail(
      `${address}: ${seen.version} no longer speaks what kafkajs 2.2.4 does: ${seen.unspoken.join(', ')}`,
      'keep brokers that do (up to Apache Kafka 4.3 is tested)',
    );
  if (seen.old)
    return warn(
      `${address}: ${seen.version}, which gives topics no ids: one that is made anew is not noticed`,
      'upgrade it to 2.8 or later',
    );
  return ok(`${address}: ${seen.version}`);
}

/** Missing ones, partitions that cannot be read or written, and what `setup` warns of. */
export function judgeTopics(topics: readonly TopicSeen[], { warnings }: { readonly warnings: readonly Made[] }): readonly Found[] {
  return topics.flatMap((one) => judgeTopic(one, warnings.find(({ name }) => name === one.topic)?.warnings ?? []));
}

/** Of `setup`'s warnings those that stop the service today. */
const STOPS = /nothing can be written to it/;

function judgeTopic({ topic, exists, hidden, partitions }: TopicSeen, warnings: readonly string[]): readonly Found[] {
  if (hidden) return [fail(`${topic}: this user may not describe it`, 'give the user DESCRIBE, and what kafka-rights names')];
  if (!exists) return [fail(`${topic}: is missing`, 'run `verdictflow setup`')];
  const texts = warnings.map((text) => asTold(STOPS.test(text) ? 'FAIL' : 'WARN', `${topic}: ${text}`));
  const headless = partitions.filter(({ hasLeader }) => !hasLeader);
  const behind = partitions.filter(({ hasLeader, replicas, inSync }) => hasLeader && inSync < replicas);
  const found = [
    ...(headless.length === 0 ? [] : [fail(`${topic}: ${numbers(headless)} without a leader`, 'start the brokers that hold it')]),
    ...(behind.length === 0
      ? []
      : [warn(`${topic}: ${numbers(behind)} with fewer replicas in sync than it has`, 'look for the broker that is down or behind')]),
    ...texts,
  ];
  const replicas = Math.min(...partitions.map((one) => one.replicas));
  return found.length > 0 ? found : [ok(`${topic}: ${partitions.length} partition(s), ${replicas} replica(s)`)];
}

function numbers(partitions: readonly { readonly partition: number }[]): string {
  return `partition ${partitions.map(({ partition }) => partition).join(', ')}`;
}

type Need = { readonly use: keyof Topics; readonly operation: number; readonly name: string; readonly essential: boolean };

/** What each role does with topics. */
function needsOf(role: ExaminedRole): readonly Need[] {
  const takesIn = role === 'all' || role === 'ingress';
  const emits = role === 'all' || role === 'worker';
  const read = (use: keyof Topics, essential = true): Need => ({ use, operation: READ, name: 'READ', essential });
  const write = (use: keyof Topics, essential = true): Need => ({ use, operation: WRITE, name: 'WRITE', essential });
  return [
    ...(takesIn ? [read('requests'), read('hints'), write('deadLetters')] : []),
    ...(emits ? [write('outcomes'), write('gate')] : []),
    // Of commands only: nothing stands still without them.
    write('audit', false),
    ...(role === 'cli' ? [write('requests', false), write('hints', false), read('deadLetters', false), read('audit', false)] : []),
  ];
}

/** What the brokers' authorizer says that this user may do. */
export function judgeRights(
  { topics, group }: { readonly topics: readonly TopicSeen[]; readonly group: GroupSeen },
  { role, names, groupId }: { readonly role: ExaminedRole; readonly names: Topics; readonly groupId: string },
): readonly Found[] {
  const needs = needsOf(role);
  const lacks = needs.flatMap(({ use, operation, name, essential }) => {
    const seen = topics.find(({ topic }) => topic === names[use]);
    const lacking = seen?.hidden === true || (seen?.operations !== undefined && !seen.operations.has(operation));
    if (seen === undefined || !lacking) return [];
    const saw = `${name} on topic ${seen.topic} is not allowed`;
    const remedy = `kafka-acls.sh --add --allow-principal User:… --operation ${name} --topic ${seen.topic}`;
    return [essential ? fail(saw, remedy) : warn(`${saw}: commands that ${name.toLowerCase()} there are refused`, remedy)];
  });
  const inGroup = role === 'all' || role === 'ingress' ? groupRight(group, groupId) : [];
  const untold = topics.filter(
    ({ topic, exists, operations }) => exists && operations === undefined && Object.values(names).includes(topic),
  );
  const found = [...lacks, ...inGroup];
  if (found.length > 0) return found;
  if (untold.length > 0) return [skipped('these brokers do not tell what a user may do (KIP-430)')];
  return [
    ok(
      `${needs.map(({ use, name }) => `${name} ${use}`).join(', ')}${role === 'worker' || role === 'cli' ? '' : `, READ group ${groupId}`}`,
    ),
  ];
}

function groupRight({ hidden, operations }: GroupSeen, groupId: string): readonly Found[] {
  if (!hidden && (operations === undefined || operations.has(READ))) return [];
  return [
    fail(`READ on group ${groupId} is not allowed`, `kafka-acls.sh --add --allow-principal User:… --operation READ --group ${groupId}`),
  ];
}

/** Who is in the group, and what nobody in it reads. */
export function judgeGroup(
  { state, members, hidden }: GroupSeen,
  { groupId, partitions }: { readonly groupId: string; readonly partitions: readonly string[] },
): readonly Found[] {
  if (hidden) return [skipped(`this user may not describe group ${groupId}`)];
  if (members.length === 0)
    return [fail(`${groupId}: no member, nothing is admitted`, 'start a role `all` or `ingress` with this VF_KAFKA_GROUP_ID')];
  const who = `${groupId}: ${state}, ${members.length} member(s) on ${[...new Set(members.map(({ host }) => host))].join(', ')}`;
  if (state !== 'Stable') return [warn(who, 'look again in a minute: a rebalance should be over by then')];
  const read = new Set(members.flatMap((one) => one.partitions));
  const unread = partitions.filter((one) => !read.has(one));
  if (unread.length > 0)
    return [
      fail(
        `${who}; none of them reads ${unread.join(', ')}`,
        'let all members have the same VF_KAFKA_REQUEST_TOPIC and VF_KAFKA_HINT_TOPIC',
      ),
    ];
  return [ok(who)];
}

/** How the wait moves between two looks; `moved` counts what was committed meanwhile. */
export function judgeLag(
  before: readonly Progress[],
  after: readonly Progress[],
  { members }: { readonly members: number },
): readonly Found[] {
  const topics = [...new Set(after.map(({ topic }) => topic))];
  return topics.map((topic) => {
    const [was, is] = [before, after].map((list) => list.filter((one) => one.topic === topic));
    return judgeTopicLag(topic, { was: was ?? [], is: is ?? [], members });
  });
}

type Looks = { readonly was: readonly Progress[]; readonly is: readonly Progress[]; readonly members: number };

function judgeTopicLag(topic: string, { was, is, members }: Looks): Found {
  const lost = is.filter(({ begin, committed }) => committed !== undefined && committed < begin);
  const [lagBefore, lag] = [lagOf(was), lagOf(is)];
  const moved = sum(is, placeOf) - sum(was, placeOf);
  if (lost.length > 0)
    return warn(
      `${topic}: records of ${numbers(lost)} were deleted before they were read`,
      'lengthen retention.ms; let producers send again (runbook, Records were deleted before they were read)',
    );
  if (lag === 0) return ok(`${topic}: nothing waits`);
  if (members === 0) return fail(`${topic}: ${lag} record(s) wait, and the group has no member`, 'start ingress');
  if (moved === 0)
    return warn(`${topic}: ${lag} record(s) wait, none was read in two seconds`, 'look at /ready of ingress: it says what it waits for');
  if (lag > lagBefore) return warn(`${topic}: ${lag} record(s) wait, more come than are read`, 'start more workers, then more ingress');
  return ok(`${topic}: ${lag} record(s) wait, and are being read`);
}

function placeOf({ committed, begin }: Progress): number {
  return Math.max(committed ?? begin, begin);
}

function lagOf(partitions: readonly Progress[]): number {
  return sum(partitions, (one) => Math.max(0, one.end - placeOf(one)));
}

function sum(partitions: readonly Progress[], of: (one: Progress) => number): number {
  return partitions.reduce((total, one) => total + of(one), 0);
}
