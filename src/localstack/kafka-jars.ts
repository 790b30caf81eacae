import { existsSync, readdirSync } from 'node:fs';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { verifyChecksum } from './checksum.ts';
import { findOnPath, hostVariable, type LogLine } from './host.ts';
import { KAFKA_JARS } from './kafka-pins.ts';
import { KAFKA_ARTIFACTS, KAFKA_LABEL, KAFKA_VERSION, MAVEN_DEPENDENCY_PLUGIN } from './pins.ts';
import { provision } from './provision.ts';
import { runOrThrow } from './run-command.ts';

const MAVEN_REMEDY =
  `Install Maven (for example "apt-get install maven" or "brew install maven"), or Apache Kafka ${KAFKA_VERSION} with KAFKA_HOME set, ` +
  'or start a Docker engine.';

/** Folder of Kafka's jars: an installed Kafka 4 (KAFKA_HOME, or its scripts on PATH), else the pinned artifacts from Maven. */
export async function resolveKafkaJars(options: { readonly dir: string; readonly log: LogLine }): Promise<string> {
  const installed = installedLibs();
  if (installed !== undefined) return installed;
  const folder = await provision({
    target: join(options.dir, `kafka-${KAFKA_VERSION}`),
    what: KAFKA_LABEL,
    log: options.log,
    async build(emptyDir) {
      options.log(`downloading ${KAFKA_LABEL} …`);
      await download(emptyDir);
      await verifyJars(join(emptyDir, 'lib'));
    },
  });
  return join(folder, 'lib');
}

function installedLibs(): string | undefined {
  const home = hostVariable('KAFKA_HOME');
  const script = findOnPath(['kafka-server-start', 'kafka-server-start.sh']);
  const bin = script === undefined ? [] : [dirname(script)];
  const candidates = [
    ...(home === undefined ? [] : [join(home, 'libs')]),
    ...bin.flatMap((folder) => [join(folder, '../libs'), join(folder, '../libexec/libs')]),
  ];
  return candidates.find(holdsKafka4);
}

/** Older brokers lack KRaft settings that the local stack uses. */
function holdsKafka4(libs: string): boolean {
  return existsSync(libs) && readdirSync(libs).some((name) => /^kafka_2\.13-[4-9]\./.test(name));
}

async function download(emptyDir: string): Promise<void> {
  const maven = findOnPath(['mvn']);
  if (maven === undefined) throw new Error(`no mvn on PATH to fetch ${KAFKA_LABEL} with. ${MAVEN_REMEDY}`);
  await writeFile(join(emptyDir, 'pom.xml'), pom());
  const goal = `${MAVEN_DEPENDENCY_PLUGIN}:copy-dependencies`;
  const args = [
    '--quiet',
    '--batch-mode',
    '--file',
    join(emptyDir, 'pom.xml'),
    goal,
    '-DoutputDirectory=download',
    '-DincludeScope=runtime',
  ];
  await runOrThrow(maven, args, { cwd: emptyDir, remedy: MAVEN_REMEDY });
  await rename(join(emptyDir, 'download'), join(emptyDir, 'lib'));
  await rm(join(emptyDir, 'pom.xml'));
}

async function verifyJars(lib: string): Promise<void> {
  const found = await readdir(lib);
  const missing = [...KAFKA_JARS.keys()].filter((name) => !found.includes(name));
  if (missing.length > 0) throw new Error(`Maven did not bring ${missing.join(', ')}. ${MAVEN_REMEDY}`);
  for (const name of found) await verifyChecksum(join(lib, name), KAFKA_JARS.get(name));
}

function pom(): string {
  const dependencies = KAFKA_ARTIFACTS.map(
    ([group, artifact, version]) =>
      `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>\n`,
  ).join('');
  return (
    '<project xmlns="http://maven.apache.org/POM/4.0.0">\n  <modelVersion>4.0.0</modelVersion>\n' +
    '  <groupId>verdictflow</groupId><artifactId>kafka</artifactId><version>1</version>\n' +
    `  <dependencies>\n${dependencies}  </dependencies>\n</project>\n`
  );
}
