import { fileURLToPath } from 'node:url';
import { startLocalStack } from '../../src/localstack/stack.ts';
import { type AwayRig, startAwayRig } from './away-rig.ts';

const LOCAL_DIR = fileURLToPath(new URL('../../.local', import.meta.url));

/** A rig whose server no other file uses: dynamic configuration (values are JSON) is a start option of the server. */
export async function startOwnServerRig(dynamicConfig: Readonly<Record<string, string>>): Promise<AwayRig> {
  const stack = await startLocalStack({ dir: LOCAL_DIR, native: true, kafka: false, dynamicConfig, log: () => undefined });
  try {
    const rig = await startAwayRig({ address: stack.temporalAddress });
    return {
      ...rig,
      async stop() {
        try {
          await rig.stop();
        } finally {
          await stack.stop();
        }
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}
