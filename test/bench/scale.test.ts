import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { rolesOf, samplesOf } from '../../bench/scale/crew.ts';

describe('the processes of an experiment', () => {
  it('are one, or workers before ingresses', () => {
    expect(rolesOf('all')).toEqual(['all']);
    expect(rolesOf('2x1')).toEqual(['worker', 'worker', 'ingress']);
  });

  it.each(['', '2', 'x1', '0x1', '10x1', '2x', '2x1x1', 'worker'])('are not %j', (text) => {
    expect(() => rolesOf(text)).toThrow(RangeError);
  });
});

describe('samples of a metric', () => {
  it('are summed over those that are wanted, help and type aside', async () => {
    const text = '# HELP a_total All.\n# TYPE a_total counter\na_total{x="1"} 2\na_total{x="2"} 3\nb_total 7\n';
    const server = createServer((_request, response) => response.end(text));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a TCP port has an address of this kind
    const { port } = server.address() as AddressInfo;
    try {
      await expect(samplesOf(`http://127.0.0.1:${port}/metrics`, (line) => line.startsWith('a_total'))).resolves.toBe(5);
    } finally {
      server.close();
    }
  });
});
