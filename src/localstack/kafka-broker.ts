import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { freePorts } from './free-port.ts';
import type { LogLine } from './host.ts';
import { resolveJava } from './java.ts';
import { resolveKafkaJars } from './kafka-jars.ts';
import { runOrThrow } from './run-command.ts';
import { type EngineHandle, supervise } from './supervised.ts';

export type KafkaBroker = {
  readonly brokers: string;
  /** Addresses of the further listeners, by name. */
  readonly listeners: Readonly<Record<string, string>>;
  readonly handle: EngineHandle;
};

/** What a broker speaks besides plain text on its first listener. */
export type FurtherListeners = {
  /** Name in capital letters → protocol, e.g. `SASL_SSL`. */
  readonly protocols: Readonly<Record<string, 'PLAINTEXT' | 'SSL' | 'SASL_SSL' | 'SASL_PLAINTEXT'>>;
  /** Where they listen, 127.0.0.1 by default; an IPv6 address in brackets. */
  readonly host?: string;
  /** As `kafka-storage format --add-scram` takes them, e.g. `SCRAM-SHA-512=[name=jane,password=…]`. */
  readonly scramUsers?: readonly string[];
  /** System properties of Java. */
  readonly javaOptions?: readonly string[];
};

/**
 * Starts one KRaft node (broker and controller) on free ports of 127.0.0.1 with its data in `runDir`. `behind`: opens a proxy
 * to the broker's port before that starts; clients are then told the proxy's port.
 */
export async function startKafkaBroker(options: {
  readonly provisionDir: string;
  readonly runDir: string;
  readonly log: LogLine;
  readonly behind?: (port: number) => Promise<number>;
  /** Lines of `server.properties` beside or in the place of ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A folder with classes that `settings` name. */
  readonly classes?: string;
  readonly further?: FurtherListeners;
  /** For a broker that lives for minutes and is asked little. */
  readonly brief?: boolean;
}): Promise<KafkaBroker> {
  const [java, libs] = await Promise.all([resolveJava(), resolveKafkaJars({ dir: options.provisionDir, log: options.log })]);
  const { settings = {}, further: { protocols = {}, host = '127.0.0.1', scramUsers = [], javaOptions = [] } = {} } = options;
  const names = Object.keys(protocols);
  const [port = 0, controllerPort = 0, ...morePorts] = await freePorts(2 + names.length);
  const listeners = Object.fromEntries(names.map((name, index) => [name, `${host}:${morePorts[index] ?? 0}`]));
  const home = join(options.runDir, 'kafka');
  const advertisedPort = (await options.behind?.(port)) ?? port;
  const files = await writeSettings(home, { port, advertisedPort, controllerPort, listeners, protocols, settings });
  const classpath = ['-cp', [join(libs, '*'), ...(options.classes === undefined ? [] : [options.classes])].join(delimiter)];
  const log4j = [`-Dlog4j2.configurationFile=${files.log4j}`, `-Dkafka.logs.dir=${home}`];
  const format = [
    'kafka.tools.StorageTool',
    'format',
    '-t',
    clusterId(),
    '-c',
    files.properties,
    ...scramUsers.flatMap((user) => ['--add-scram', user]),
  ];
  await runOrThrow(java, ['-XX:TieredStopAtLevel=1', ...log4j, ...classpath, ...format], {
    remedy: 'The data folder could not be formatted.',
  });
  const handle = await supervise({
    request: {
      name: 'Apache Kafka',
      command: java,
      args: [
        '-Xms256m',
        '-Xmx512m',
        ...(options.brief === true ? BRIEF : []),
        ...javaOptions,
        ...log4j,
        ...classpath,
        'kafka.Kafka',
        files.properties,
      ],
      logPath: join(home, 'broker.log'),
    },
    readyTimeoutMs: 60_000,
    probe: () => describeCluster(`127.0.0.1:${port}`),
  });
  return { brokers: `127.0.0.1:${advertisedPort}`, listeners, handle };
}

/** Measured: without the optimising compiler a broker takes a third less CPU to start. Under load it would take more. */
const BRIEF = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

type Ports = { readonly port: number; readonly advertisedPort: number; readonly controllerPort: number };
type Settings = Ports &
  Pick<KafkaBroker, 'listeners'> &
  Pick<FurtherListeners, 'protocols'> & { readonly settings: Readonly<Record<string, string>> };

async function writeSettings(home: string, settings: Settings): Promise<{ readonly properties: string; readonly log4j: string }> {
  const files = { properties: join(home, 'server.properties'), log4j: join(home, 'log4j2.xml') };
  await mkdir(home, { recursive: true });
  await writeFile(files.properties, serverProperties(join(home, 'data'), settings));
  await writeFile(files.log4j, LOG4J);
  return files;
}

/**
 * One node keeps every internal topic on itself, and groups form at once instead of after the default 3 s. A broker killed
 * and restarted may register again only when its old session has ended: 2 s instead of 9.
 */
function serverProperties(dataDir: string, { port, advertisedPort, controllerPort, ...further }: Settings): string {
  const more = Object.entries(further.listeners).map(([name, address]) => `,${name}://${address}`);
  const protocols = Object.entries(further.protocols).map(([name, protocol]) => `,${name}:${protocol}`);
  const lines = Object.entries(further.settings).map(([name, value]) => `${name}=${value}\n`);
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${more.join('')}
advertised.listeners=PLAINTEXT://127.0.0.1:${advertisedPort}${more.join('')}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT${protocols.join('')}
inter.broker.listener.name=PLAINTEXT
log.dirs=${dataDir}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=8388608
${lines.join('')}`;
}

const LOG4J = `<Configuration status="WARN">
  <Appenders><Console name="console"><PatternLayout pattern="%d %p %m (%c)%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="console"/></Root></Loggers>
</Configuration>
`;

/** A Kafka UUID: 16 bytes in base64url. One that began with "-" would read as an option. */
function clusterId(): string {
  return `v${randomBytes(16).toString('base64url').slice(1)}`;
}

async function describeCluster(broker: string): Promise<void> {
  const kafka = new Kafka({
    clientId: 'verdictflow-localstack',
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    if (cluster.brokers.length === 0) throw new Error('the cluster has no broker yet');
  } finally {
    await admin.disconnect();
  }
}
