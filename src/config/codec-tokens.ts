import { z } from 'zod';
import { Secret } from './redact.ts';
import { SEPARATOR } from './token-keys.ts';

/** Who may have payloads decrypted: the name goes to the log, the token is sent as `Authorization: Bearer …`. */
export type CodecToken = { readonly name: string; readonly token: Secret };

const HOW = 'write name:token[,name:…], the token of 32 characters or more, e.g. made with: echo "ui:$(openssl rand -hex 32)"';
/** Of what a header can carry, as RFC 6750 has it. */
const ENTRY = /^([A-Za-z0-9_.@-]{1,64}):([A-Za-z0-9._~+/-]{32,512}=*)$/;

/** Parses `VF_CODEC_TOKENS`. Problems name the position of the entry, never its content. */
export function codecTokens(): z.ZodType<readonly CodecToken[], string> {
  return z.string().transform((text, context) =>
    text
      .trim()
      .split(SEPARATOR)
      .flatMap((entry, index) => {
        const [, name, token] = ENTRY.exec(entry.trim()) ?? [];
        if (name !== undefined && token !== undefined) return [{ name, token: new Secret(token) }];
        context.issues.push({ code: 'custom', message: `entry ${index + 1} is not name:token; ${HOW}`, input: undefined });
        return [];
      }),
  );
}
