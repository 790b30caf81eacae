import type { Request } from './messages.ts';

export type Account = { readonly baseUrl: string; readonly apiKey: string; readonly apiSecret: string };

/**
 * Asks the vendor for a token, as a backend does before it sends its user to the face check. The vendor's page lists the
 * fields of a real request (images, return address, liveness); `scenario` tells the emulator what to play.
 */
export async function getToken(account: Account, about: { readonly bizNo: string; readonly scenario?: string }): Promise<Request> {
  const form = new FormData();
  form.set('api_key', account.apiKey);
  form.set('api_secret', account.apiSecret);
  form.set('biz_no', about.bizNo);
  if (about.scenario !== undefined) form.set('scenario', about.scenario);
  const response = await fetch(`${account.baseUrl}/lite/raw/get_token`, {
    method: 'POST',
    body: form,
    signal: AbortSignal.timeout(10_000),
  });
  // The body of a refusal may quote the request; its status says enough.
  if (!response.ok) throw new Error(`get_token was answered with HTTP ${response.status}`);
  const answer: { readonly token: string; readonly expired_time: number } = JSON.parse(await response.text());
  return {
    token: answer.token,
    issuedAt: new Date().toISOString(),
    tokenExpiresAt: new Date(answer.expired_time * 1_000).toISOString(),
    bizNo: about.bizNo,
  };
}
