import { describe, expect, it } from 'vitest';
import { configHelp, configTable } from '../../src/config/describe.ts';
import { envSchema, variables } from '../../src/config/env.ts';

const OF_THE_DESIGN =
  'VF_KAFKA_BROKERS VF_KAFKA_REQUEST_TOPIC VF_KAFKA_HINT_TOPIC VF_KAFKA_OUTCOME_TOPIC VF_KAFKA_DLQ_TOPIC VF_KAFKA_GROUP_ID VF_KAFKA_SSL VF_TASK_QUEUE VF_FACEID_BASE_URL VF_FACEID_API_KEY VF_FACEID_API_KEY_FILE VF_FACEID_API_SECRET VF_FACEID_API_SECRET_FILE VF_FACEID_TIMEOUT VF_FACEID_MAX_CALLS_PER_SECOND VF_FACEID_MAX_CONCURRENT VF_POLICY_PROFILE VF_POLICY_CUSTOM_OFFSETS VF_POLICY_MIN_GAP VF_POLICY_ERROR_BACKOFF VF_COUNT_REFUSED VF_AUTO_SETUP VF_MAX_CALLS VF_WINDOW VF_REQUIRED_FAR VF_TOKEN_KEYS VF_STARTUP_TIMEOUT VF_BIZNO_SEARCHABLE VF_ADMIN_PORT VF_LOG_LEVEL VF_KAFKA_SASL_MECHANISM VF_KAFKA_SASL_USERNAME VF_KAFKA_SASL_PASSWORD'.split(
    ' ',
  );

describe('the description of the settings', () => {
  it('covers every variable', () => {
    const names = variables().map((variable) => variable.name);
    expect(OF_THE_DESIGN.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('shows every default as the parser accepts it', () => {
    const defaults = variables().flatMap((variable) => (variable.default === undefined ? [] : [[variable.name, variable.default]]));
    expect(envSchema.safeParse(Object.fromEntries(defaults)).success).toBe(true);
  });

  it('has one table row and one help line per variable', () => {
    expect(configTable().split('\n')).toHaveLength(variables().length + 2);
    expect(configHelp().split('\n')).toHaveLength(variables().length);
    const help = configHelp().split('\n');
    for (const [index, { form }] of variables().entries()) expect(help[index]).toContain(` (${form})`);
    for (const row of configTable().split('\n')) expect(row.split('|')).toHaveLength(7);
  });
});
