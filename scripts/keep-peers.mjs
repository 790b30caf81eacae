/**
 * `node scripts/keep-peers.mjs "NAME…"`: has `npm prune --omit=dev` leave these optional peers in place, at the version of
 * the lock file. Only for the image: npm takes a peer that only development needs for installed, and would add nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const optional = Object.keys(manifest.peerDependenciesMeta);
for (const name of (process.argv[2] ?? '').split(' ').filter((one) => one !== '')) {
  if (!optional.includes(name)) throw new Error(`KEEP_PEERS: ${name} is no optional peer; write of ${optional.join(', ')}`);
  delete manifest.devDependencies[name];
  manifest.dependencies[name] = manifest.peerDependencies[name];
}
writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
