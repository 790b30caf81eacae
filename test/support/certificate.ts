import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { resolveJava } from '../../src/localstack/java.ts';
import { runCommand } from '../../src/localstack/run-command.ts';

/** A certificate that signs itself, made by the tool that comes with Java. `caFile`: what has to be trusted, as PEM. */
export async function selfSigned(host: string): Promise<{ pfx: Buffer; passphrase: string; caFile: string }> {
  const keytool = join(dirname(await resolveJava()), 'keytool');
  const dir = mkdtempSync(join(tmpdir(), 'verdictflow-certificate-'));
  const [store, caFile, passphrase] = [join(dir, 'store.p12'), join(dir, 'ca.pem'), 'changeit'];
  const shared = ['-alias', 'host', '-keystore', store, '-storetype', 'PKCS12', '-storepass', passphrase];
  await run(keytool, ['-genkeypair', ...shared, '-keyalg', 'EC', '-dname', `CN=${host}`, '-ext', `SAN=dns:${host}`, '-validity', '2']);
  await run(keytool, ['-exportcert', '-rfc', ...shared, '-file', caFile]);
  return { pfx: readFileSync(store), passphrase, caFile };
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(command, args, { timeoutMs: 30_000 });
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`);
}
