import { join } from 'node:path';
import { findOnPath, hostVariable } from './host.ts';
import { runCommand } from './run-command.ts';

/** Kafka 4 brokers need it. */
const LOWEST_JAVA = 17;
const REMEDY = `Install a Java runtime ${LOWEST_JAVA} or newer (for example "apt-get install default-jre-headless" or "brew install openjdk"), or start a Docker engine.`;

/** Path of a Java of at least version 17: `JAVA_HOME`'s, else the one on PATH. Throws an error that says what to install. */
export async function resolveJava(): Promise<string> {
  const home = hostVariable('JAVA_HOME');
  const java = home === undefined ? findOnPath(['java']) : join(home, 'bin', 'java');
  if (java === undefined) throw new Error(`Apache Kafka needs Java, and there is no java on PATH. ${REMEDY}`);
  const { code, output } = await runCommand(java, ['-version'], { timeoutMs: 30_000 });
  const version = Number(/version "(\d+)/.exec(output)?.[1] ?? 0);
  if (code !== 0 || version < LOWEST_JAVA) {
    throw new Error(
      `Apache Kafka needs Java ${LOWEST_JAVA}, and ${java} is ${version === 0 ? 'no working Java' : `Java ${version}`}. ${REMEDY}`,
    );
  }
  return java;
}
