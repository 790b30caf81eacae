import { ConfigurationError, systemCode } from '../src/contracts/errors.ts';
import type { Config } from '../src/config/config.ts';
import type { AccessRules } from '../src/temporal/codec-server/access.ts';
import { type CodecServer, startCodecServer } from '../src/temporal/codec-server/server.ts';
import { whenAborted } from '../src/async/abort.ts';
import type { RoleContext } from './context.ts';
import { payloadCodecOf } from './settings.ts';

const RENEW_EVERY_MS = 5_000;

/** Decrypts payloads for people who look at Temporal. It connects to nothing, and holds no key of tokens. */
export async function startCodecServerRole(context: RoleContext): Promise<Readonly<Record<string, string>>> {
  const server = await started(context);
  context.lifecycle.onStop('codec', () => server.close());
  context.lifecycle.watch({ name: 'codec', state: () => ({ ready: true }) });
  renewTls(server, context);
  return { codecUrl: server.url };
}

async function started({ config, live, logger, metrics }: RoleContext): Promise<CodecServer> {
  const { host, port } = config.codec;
  const tls = tlsOf(config);
  try {
    return await startCodecServer({
      host,
      port,
      ...(tls === undefined ? {} : { tls }),
      codec: payloadCodecOf(live),
      rules: () => rulesOf(live.current()),
      logger,
      onAnswer({ status, decrypted, unreadable }) {
        metrics.codecRequests.inc({ status: String(status) });
        metrics.codecPayloads.inc({ result: 'decrypted' }, decrypted);
        metrics.codecPayloads.inc({ result: 'unreadable' }, unreadable);
      },
    });
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new ConfigurationError([`VF_CODEC_HOST, VF_CODEC_PORT: ${host} port ${port} cannot be opened (${code}); choose others`]);
  }
}

function rulesOf({ codec }: Config): AccessRules {
  const { origins, namespaces, tokens } = codec;
  return { origins, namespaces, tokens: tokens.map(({ name, token }) => ({ name, token: token.reveal() })) };
}

function tlsOf({ codec: { tls } }: Config): { readonly cert: string; readonly key: string } | undefined {
  return tls && { cert: tls.cert, key: tls.key.reveal() };
}

/** A certificate is renewed in its files while this runs. */
function renewTls(server: CodecServer, { live, lifecycle }: RoleContext): void {
  let used = live.current();
  const timer = setInterval(() => {
    const config = live.current();
    const tls = tlsOf(config);
    if (config !== used && tls !== undefined) server.renew(tls);
    used = config;
  }, RENEW_EVERY_MS).unref();
  whenAborted(lifecycle.stopping, () => clearInterval(timer));
}
