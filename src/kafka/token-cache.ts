/** A token as its issuer gave it. */
export type FreshToken = { readonly value: string; readonly livesMs: number };

type Held = { readonly value: string; readonly renewAtMs: number; readonly expiresAtMs: number };

/** Brokers end a session with its token, and kafkajs logs in anew 10 s before: by then there must be a newer one. */
const RENEW_BEFORE_MS = 30_000;
/** A failed renewal is not repeated for every connection that logs in while the old token is good. */
const RETRY_AFTER_MS = 5_000;

/**
 * One token for all connections: fetched when first asked for, again before it runs out, one request at a time. While a
 * renewal fails, the old token serves as long as it is good. `key` tells when it has become another client's.
 */
export function createTokenCache(
  fetchToken: () => Promise<FreshToken>,
  { key, now = Date.now }: { key: () => string; now?: () => number },
) {
  let held: Held | undefined;
  let heldFor: string | undefined;
  let fetching: Promise<string> | undefined;

  async function renew(askedFor: string): Promise<string> {
    const askedAtMs = now();
    const { value, livesMs } = await fetchToken();
    // Of a short life half is kept, or every connection would fetch one of its own.
    const renewInMs = Math.max(livesMs / 2, Math.min(livesMs * 0.8, livesMs - RENEW_BEFORE_MS));
    held = { value, renewAtMs: askedAtMs + renewInMs, expiresAtMs: askedAtMs + livesMs };
    heldFor = askedFor;
    return value;
  }

  return async (): Promise<string> => {
    const askedFor = key();
    const good = held !== undefined && heldFor === askedFor && now() < held.expiresAtMs ? held : undefined;
    if (good !== undefined && now() < good.renewAtMs) return good.value;
    fetching ??= renew(askedFor).finally(() => {
      fetching = undefined;
    });
    try {
      return await fetching;
    } catch (error) {
      if (good === undefined) throw error;
      held = { ...good, renewAtMs: now() + RETRY_AFTER_MS };
      return good.value;
    }
  };
}
