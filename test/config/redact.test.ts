import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { effectiveSettings } from '../../src/config/describe.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Secret } from '../../src/config/redact.ts';

const HIDDEN = 'hunter2-invented';

describe('redaction', () => {
  it('shows a secret in no conversion to text', () => {
    const secret = new Secret(HIDDEN);
    const texts = [String(secret), secret.toString(), JSON.stringify({ secret }), inspect({ secret }, { depth: 9, showHidden: true })];
    for (const text of texts) expect(text).not.toContain(HIDDEN);
    expect(secret.reveal()).toBe(HIDDEN);
  });

  it('a printed config holds none of its secrets', () => {
    const key = Buffer.alloc(32, 'S');
    const config = loadConfig(
      {
        VF_TOKEN_KEYS: `k1:${key.toString('base64')}`,
        VF_FACEID_API_KEY: `${HIDDEN}-key`,
        VF_FACEID_API_SECRET: `${HIDDEN}-secret`,
        VF_KAFKA_SASL_MECHANISM: 'plain',
        VF_KAFKA_SASL_USERNAME: 'user',
        VF_KAFKA_SASL_PASSWORD: `${HIDDEN}-password`,
      },
      'all',
    );
    for (const text of [JSON.stringify(config), inspect(config, { depth: 9 })]) {
      expect(text).not.toContain(HIDDEN);
      expect(text).not.toContain(key.toString('base64'));
      expect(text).not.toContain('SSSS');
    }
  });

  it('the effective settings name the source and redact', () => {
    const settings = effectiveSettings({ VF_FACEID_API_SECRET: HIDDEN, VF_MAX_CALLS: '2' });
    const byName = new Map(settings.map((setting) => [setting.name, setting]));
    expect(byName.get('VF_FACEID_API_SECRET')).toEqual({ name: 'VF_FACEID_API_SECRET', value: '[redacted]', source: 'env' });
    expect(byName.get('VF_MAX_CALLS')).toEqual({ name: 'VF_MAX_CALLS', value: '2', source: 'env' });
    expect(byName.get('VF_WINDOW')).toEqual({ name: 'VF_WINDOW', value: '24h', source: 'default' });
    expect(byName.get('VF_FACEID_API_KEY')).toEqual({ name: 'VF_FACEID_API_KEY', source: 'unset' });
  });
});
