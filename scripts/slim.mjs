/**
 * `node scripts/slim.mjs`: takes out of `node_modules` what no running service loads. Only for the image, where nobody
 * compiles, bundles or debugs packages: Temporal's cores for other platforms and their sources, declarations, source maps.
 */
import { readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ROOT } from './support/steps.mjs';

const MODULES = join(ROOT, 'node_modules');
const CORE = join(MODULES, '@temporalio/core-bridge');
const LICENCE = /^(?:licen[cs]e|notice|copying)/i;

// Throws if there is none for this machine: better than an image that builds and does not start.
const ownCore = dirname(createRequire(import.meta.url)(join(CORE, 'common.js')).getPrebuiltPath());
for (const name of readdirSync(join(CORE, 'releases'))) {
  if (join(CORE, 'releases', name) !== ownCore) remove(join(CORE, 'releases', name));
}
remove(join(CORE, 'sdk-core'));
// Compiles workflows for a bundle; the image brings the bundle.
remove(join(MODULES, '@swc'));
for (const { name, parentPath } of readdirSync(MODULES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) {
  if (/\.(?:map|[cm]?ts|rs|md)$/.test(name) && !LICENCE.test(name)) remove(join(parentPath, name));
}

function remove(path) {
  rmSync(path, { recursive: true, force: true });
}
