import { expect, test } from 'vitest';
import { baseUrlProblems, normalizeBaseUrl, vendorRegionOf } from '../../src/faceid/base-url.ts';

test.each([
  ['https://api-sgp.megvii.com/faceid', 'https://api-sgp.megvii.com/faceid'],
  ['https://api-sgp.megvii.com/faceid/', 'https://api-sgp.megvii.com/faceid'],
  ['https://vendor.example', 'https://vendor.example'],
  ['https://vendor.example:8443//', 'https://vendor.example:8443'],
  ['http://127.0.0.1:8080/faceid', 'http://127.0.0.1:8080/faceid'],
  ['http://localhost:8080', 'http://localhost:8080'],
  ['http://[::1]:8080/x', 'http://[::1]:8080/x'],
])('%s is accepted as %s', (text, expected) => {
  expect(baseUrlProblems(text)).toEqual([]);
  expect(normalizeBaseUrl(text)).toBe(expected);
});

test.each([
  ['http://vendor.example/faceid', /plain HTTP/],
  ['http://127.0.0.1.vendor.example', /plain HTTP/],
  ['http://localhost.vendor.example', /plain HTTP/],
  ['http://10.0.0.1', /plain HTTP/],
  ['https://user:hunter2@vendor.example', /credentials/],
  ['https://vendor.example/faceid?api_secret=hunter2', /query/],
  ['https://vendor.example/faceid?', /query/],
  ['https://vendor.example/#hunter2', /fragment/],
  ['ftp://vendor.example', /scheme/],
  ['hunter2', /not a URL/],
  ['', /not a URL/],
])('row 42: %s is refused with a reason that does not quote it', (text, reason) => {
  const problems = baseUrlProblems(text);
  expect(problems.join('; ')).toMatch(reason);
  expect(problems.join('; ')).not.toContain('hunter2');
  expect(() => normalizeBaseUrl(text)).toThrow(/VF_FACEID_BASE_URL/);
});

test('every problem is reported at once', () => {
  expect(baseUrlProblems('http://u:p@vendor.example/?q#f')).toHaveLength(4);
});

test.each([
  ['https://api-sgp.megvii.com/faceid', 'sgp'],
  ['https://api-sgp.yljz.com/finauth', 'sgp'],
  ['https://api.megvii.com/faceid', 'cn'],
  ['https://api-idn.megvii.com/faceid', 'idn'],
  ['https://api-global.yljz.com/finauth', 'other'],
  ['https://api-sgp.megvii.com.evil.example', 'other'],
  ['http://127.0.0.1:1', 'other'],
  ['nonsense', 'other'],
])('the region of %s is %s', (url, region) => {
  expect(vendorRegionOf(url)).toBe(region);
});
