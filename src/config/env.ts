import { z } from 'zod';
import { codecVariables } from './env-codec.ts';
import { emulatorVariables } from './env-emulator.ts';
import { evidenceVariables } from './env-evidence.ts';
import { erasureVariables } from './env-erasure.ts';
import { faceIdVariables } from './env-faceid.ts';
import { kafkaVariables } from './env-kafka.ts';
import { policyVariables } from './env-policy.ts';
import { serviceVariables } from './env-service.ts';
import { variableMeta, type VariableMeta } from './variable.ts';

/** Every variable of the project; the table in docs/configuration.md, `--help`, and the check for unknown names are made from it. */
export const envSchema = z.strictObject({
  ...kafkaVariables,
  ...serviceVariables,
  ...faceIdVariables,
  ...policyVariables,
  ...evidenceVariables,
  ...erasureVariables,
  ...codecVariables,
  ...emulatorVariables,
});

/** Typed values, defaults applied; what depends on the role or on other variables is checked in config.ts. */
export type Env = z.output<typeof envSchema>;

export type Variable = VariableMeta & { readonly name: string };

/** All variables in the order of the table. */
export function variables(): readonly Variable[] {
  return Object.entries(envSchema.shape).map(([name, schema]) => {
    const meta = variableMeta.get(schema);
    if (meta === undefined) throw new Error(`${name} has no description: declare it with optional() or withDefault()`);
    return { name, ...meta };
  });
}
