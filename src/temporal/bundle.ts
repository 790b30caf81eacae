import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** The entry of the workflows, in a checkout as in a build (which carries their bundle as well). */
const WORKFLOWS_PATH = pathOf('index');
const PAYLOAD_CONVERTER_PATH = pathOf('payload-converter');

function pathOf(module: string): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../../workflows/${module}.${extension}`, import.meta.url));
}

/** Bundles the workflows; takes about 2 s. */
export async function bundleWorkflows(workflowsPath: string = WORKFLOWS_PATH): Promise<{ readonly code: string }> {
  return await bundleWorkflowCode({
    workflowsPath,
    payloadConverterPath: PAYLOAD_CONVERTER_PATH,
    // What the sandbox loads once instead of once per workflow, which costs about 0.8 ms of CPU each time: the SDK's own
    // modules and all of ours. Sound only while no module keeps state, which `test/workflows/module-state.test.ts` watches.
    preloadModules: ['@temporalio/workflow', PAYLOAD_CONVERTER_PATH, workflowsPath],
    logger: new DefaultLogger('WARN'),
  });
}

/**
 * Bundles the workflows into `file` (written whole or not at all) and returns its size in bytes. The bundle runs only
 * with exactly the SDK version that made it.
 */
export async function writeWorkflowBundle(file: string, workflowsPath: string = WORKFLOWS_PATH): Promise<number> {
  const { code } = await bundleWorkflows(workflowsPath);
  const slim = withoutForeignSources(code);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.part`, slim);
  await rename(`${file}.part`, file);
  return Buffer.byteLength(slim);
}

const SOURCE_MAP = /(?<=\/\/# sourceMappingURL=data:application\/json[^,]*;base64,)[\w+/=]+\s*$/;

/**
 * Leaves the text of the SDK's sources out of the inline source map: half of the bundle, which a worker holds in memory
 * several times. Positions stay, so every stack trace reads as before, and so does the text of our own sources.
 */
function withoutForeignSources(code: string): string {
  return code.replace(SOURCE_MAP, (encoded) => {
    const map: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
    return Buffer.from(JSON.stringify(trimmed(map)), 'utf8').toString('base64');
  });
}

function trimmed(map: unknown): unknown {
  if (typeof map !== 'object' || map === null || !('sources' in map && 'sourcesContent' in map)) return map;
  const { sources, sourcesContent } = map;
  if (!Array.isArray(sources) || !Array.isArray(sourcesContent)) return map;
  const isOurs = (index: number): boolean => !/node_modules|^webpack/.test(String(sources[index]));
  return { ...map, sourcesContent: sourcesContent.map((text: unknown, index) => (isOurs(index) ? text : null)) };
}
