import { z } from 'zod';

const HOW = 'write name=value[,name=value], names of letters, values of printable ASCII';

/** SASL extensions of OAUTHBEARER (KIP-342). `auth` is the token's own name there. Values are not echoed. */
export function saslExtensions(): z.ZodType<Readonly<Record<string, string>>, string> {
  return z.string().transform((text, context) => {
    const found = new Map<string, string>();
    for (const [index, entry] of text.split(',').entries()) {
      const [, name, value] = /^\s*([A-Za-z]+)=([ -~]+?)\s*$/.exec(entry) ?? [];
      if (name !== undefined && value !== undefined && name !== 'auth' && !found.has(name)) found.set(name, value);
      else context.issues.push({ code: 'custom', message: `entry ${index + 1} is no extension of its own; ${HOW}`, input: undefined });
    }
    return Object.fromEntries(found);
  });
}
