import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { filesBelow, sourceOf } from '../support/sources.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SAYS = `import net from 'node:net'; process.on('exit', () => console.error('each address', net.getDefaultAutoSelectFamilyAttemptTimeout()))`;
const files = filesBelow(['src', 'workers'], /\.ts$/).filter((path) => !path.startsWith('src/emulator/'));

/** Whoever ends a process of ours began it. */
const ENTRIES = files.filter((path) => /^leaveWith\(/m.test(sourceOf(path)));

it('roles and commands have an entry each', () => {
  expect(ENTRIES.toSorted()).toEqual(['src/cli/main.ts', 'workers/main.ts']);
});

it.each(ENTRIES)('a process that begins in %s gives each address of a host more time than Node.js does', async (entry) => {
  const args = ['--import', 'tsx', '--import', `data:text/javascript,${encodeURIComponent(SAYS)}`, entry, '--help'];
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(stderr).toMatch(/each address 1250$/m);
});

it('nobody else decides on it, but for the connection of a read, whose time is a setting', () => {
  const deciding = files.filter((path) => /AutoSelectFamily(?:AttemptTimeout)?\b/i.test(sourceOf(path)));
  expect(deciding.toSorted()).toEqual(['src/async/each-address.ts', 'src/faceid/connection.ts']);
});
