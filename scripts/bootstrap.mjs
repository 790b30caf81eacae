/** Makes a fresh clone runnable: checks Node and installs the locked dependencies if they are missing or others. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, ROOT, run, seconds } from './support/steps.mjs';

const LOWEST_NODE = [20, 19];

export async function bootstrap() {
  checkNode();
  if (isInstalled()) return;
  console.log('installing dependencies (npm ci) …');
  const startedAtMs = performance.now();
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund'];
  const code = npm?.endsWith('.js') ? await run(process.execPath, [npm, ...args]) : await run('npm', args);
  if (code !== 0) fail(`npm ci ended with ${code}: is the package registry reachable?`);
  console.log(`dependencies are installed (${seconds(performance.now() - startedAtMs)})`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > LOWEST_NODE[0] || (major === LOWEST_NODE[0] && minor >= LOWEST_NODE[1])) return;
  fail(
    `verdictflow needs Node.js ${LOWEST_NODE.join('.')} or newer, and this is ${process.versions.node}. Install it from https://nodejs.org.`,
  );
}

/** npm writes down what it installed in a second lock file; it must hold every package of ours in the same version. */
function isInstalled() {
  const installedLock = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const wanted = packagesOf(join(ROOT, 'package-lock.json'));
  const installed = packagesOf(installedLock);
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) => path === '' || optional || devOptional || installed[path]?.version === version,
  );
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

function fail(message) {
  console.error(message);
  process.exit(69);
}

if (isMain(import.meta.url)) await bootstrap();
