import { ConfigurationError } from '../contracts/errors.ts';
import { isLoopback } from '../contracts/loopback.ts';

export type VendorRegion = 'sgp' | 'cn' | 'idn' | 'other';

/**
 * Problems of a vendor base URL such as `https://api-sgp.megvii.com/faceid`; empty when it can be used. The texts never
 * quote the URL, because a mistaken one may hold credentials. docs/vendor.md row 42: HTTP is refused unless the host is loopback.
 */
export function baseUrlProblems(text: string): string[] {
  if (!URL.canParse(text)) return ['is not a URL; write it like https://api-sgp.megvii.com/faceid'];
  const url = new URL(text);
  const problems: string[] = [];
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    problems.push('has a scheme other than https; write it like https://api-sgp.megvii.com/faceid');
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    problems.push('is plain HTTP, and the secret travels in the query string; use https (http is for loopback hosts only)');
  }
  if (url.username !== '' || url.password !== '') problems.push('holds credentials; remove the part before @');
  if (url.search !== '' || text.includes('?')) problems.push('has a query; remove everything from ? on');
  if (url.hash !== '' || text.includes('#')) problems.push('has a fragment; remove everything from # on');
  return problems;
}

/** The base URL without a trailing slash. Throws `ConfigurationError` naming the setting and each problem. */
export function normalizeBaseUrl(text: string): string {
  const problems = baseUrlProblems(text);
  if (problems.length > 0) throw new ConfigurationError(problems.map((problem) => `VF_FACEID_BASE_URL ${problem}`));
  const url = new URL(text);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Region of a vendor host: `api-sgp.…` Singapore, `api-idn.…` Indonesia, plain `api.…` China (both vendor domains). */
export function vendorRegionOf(baseUrl: string): VendorRegion {
  if (!URL.canParse(baseUrl)) return 'other';
  const match = /^(api|api-sgp|api-idn)\.(?:megvii|yljz)\.com$/.exec(new URL(baseUrl).hostname);
  if (match === null) return 'other';
  if (match[1] === 'api-sgp') return 'sgp';
  return match[1] === 'api-idn' ? 'idn' : 'cn';
}
