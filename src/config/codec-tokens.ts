import type { z } from 'zod';
import { entries } from './fields.ts';
import { Secret } from './redact.ts';

/** Who may have payloads decrypted: the name goes to the log, the token is sent as `Authorization: Bearer …`. */
export type CodecToken = { readonly name: string; readonly token: Secret };

const HOW = 'write name:token[,name:…], the token of 32 characters or more, e.g. made with: echo "ui:$(openssl rand -hex 32)"';
/** Of what a header can carry, as RFC 6750 has it. */
const ENTRY = /^([A-Za-z0-9_.@-]{1,64}):([A-Za-z0-9._~+/-]{32,512}=*)$/;

/** Parses `VF_CODEC_TOKENS`. */
export function codecTokens(): z.ZodType<readonly CodecToken[], string> {
  return entries<CodecToken>(
    (entry) => {
      const [, name, token] = ENTRY.exec(entry) ?? [];
      return name === undefined || token === undefined ? { problem: 'is not name:token' } : { value: { name, token: new Secret(token) } };
    },
    { how: HOW },
  );
}
