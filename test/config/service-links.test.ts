import { describe, expect, it } from 'vitest';
import { effectiveSettings } from '../../src/config/describe.ts';
import { variables } from '../../src/config/env.ts';
import { loadConfig } from '../../src/config/load.ts';
import { isServiceLink } from '../../src/config/service-links.ts';
import { ConfigurationError } from '../../src/contracts/errors.ts';

type Service = {
  readonly name: string;
  readonly address?: string;
  readonly ports?: readonly { readonly port: number; readonly protocol?: 'TCP' | 'UDP' | 'SCTP'; readonly name?: string }[];
};

/** What the kubelet puts into every pod of the namespace for a Service that has an address (`enableServiceLinks`). */
function injectedFor({ name, address = '10.96.0.7', ports = [{ port: 9464 }] }: Service): Record<string, string> {
  const upper = (text: string): string => text.toUpperCase().replaceAll('-', '_');
  const prefix = upper(name);
  const host = address.includes(':') ? `[${address}]` : address;
  const links = ports.map(({ port, protocol = 'TCP' }) => {
    const url = `${protocol.toLowerCase()}://${host}:${port}`;
    const link = `${prefix}_PORT_${port}_${protocol}`;
    return { [link]: url, [`${link}_PROTO`]: protocol.toLowerCase(), [`${link}_PORT`]: `${port}`, [`${link}_ADDR`]: address, url };
  });
  const named = ports.flatMap((port) => (port.name === undefined ? [] : [[`${prefix}_SERVICE_PORT_${upper(port.name)}`, `${port.port}`]]));
  const { url: first = '' } = links[0] ?? {};
  return {
    ...Object.assign({}, ...links.map(({ url: _url, ...link }) => link)),
    ...Object.fromEntries(named),
    [`${prefix}_SERVICE_HOST`]: address,
    [`${prefix}_SERVICE_PORT`]: `${ports[0]?.port}`,
    [`${prefix}_PORT`]: first,
  };
}

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    loadConfig(env, 'cli');
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

const NAMES = [
  'vf',
  'vf-ingress',
  'vf-worker',
  'vf-redis',
  'vf-service',
  'vf-port',
  'vf-service-host',
  'vf-kafka-port-9092-tcp',
  'vf-1-udp',
  'vf--x',
];
const PORTS: readonly Service['ports'][] = [
  [{ port: 9464 }],
  [
    { port: 80, name: 'http' },
    { port: 65535, name: 'a-long-name' },
  ],
  [
    { port: 53, protocol: 'UDP', name: 'dns' },
    { port: 53, protocol: 'TCP', name: 'dns-tcp' },
    { port: 3868, protocol: 'SCTP', name: '1x' },
  ],
];
const ADDRESSES = ['10.96.0.7', 'fd00:10:96::7'];
const SERVICES = NAMES.flatMap((name) => PORTS.flatMap((ports = []) => ADDRESSES.map((address) => ({ name, ports, address }))));

describe('variables that Kubernetes injects for a Service whose name begins with vf', () => {
  it.each(SERVICES)('$name, $ports.length port(s), $address: each one, and all together, start as if they were not there', (service) => {
    const injected = injectedFor(service);
    expect(Object.keys(injected).length).toBeGreaterThanOrEqual(7);
    expect(Object.entries(injected).flatMap(([name, value]) => problemsOf({ [name]: value }))).toEqual([]);
    expect(loadConfig(injected, 'cli')).toEqual(loadConfig({}, 'cli'));
    expect(effectiveSettings(injected)).toEqual(effectiveSettings({}));
  });

  const colliding = variables().filter(({ name }) => isServiceLink(name, 'tcp://10.96.0.7:9464'));

  it('can take the place of settings of ours, and of these alone', () => {
    expect(colliding.map(({ name }) => name)).toEqual(['VF_ADMIN_PORT', 'VF_CODEC_PORT', 'VF_EMULATOR_PORT']);
    // A setting that took such a value in silence would be the worse case.
    const others = ['10.96.0.7', '9464', 'tcp'];
    expect(variables().filter(({ name }) => others.some((value) => isServiceLink(name, value)))).toEqual([]);
  });

  it.each(colliding)('are refused in the place of $name, with the Service and the remedy', ({ name }) => {
    const service = name
      .replace(/_PORT$/, '')
      .toLowerCase()
      .replaceAll('_', '-');
    expect(problemsOf(injectedFor({ name: service }))).toEqual([
      `${name}: holds what Kubernetes says of the Service ${service}; set enableServiceLinks: false in the pod, or ${name} itself`,
    ]);
    expect(problemsOf({ ...injectedFor({ name: service }), [name]: '9464' })).toEqual([]);
  });

  it.each([
    ['VF_KAFKA_PORT', '9092'],
    ['VF_KAFKA_PORT', 'tcp://kafka:9092'],
    ['VF_KAFKA_PORT', 'http://10.96.0.7:9092'],
    ['VF_KAFKA_HOST', '10.96.0.7'],
    ['VF_KAFKA_BROKER', '10.96.0.7:9092'],
    ['VF_TEMPORAL_SERVICE_HOST', 'temporal-frontend'],
    ['VF_TEMPORAL_SERVICE_PORT', 'grpc'],
    ['VF_REDIS_PORT_6379_TCP_ADDR', 'redis'],
    ['VF_REDIS_PORT_6379_TCP_PROTO', 'http'],
    ['VF_REDIS_PORT_6379_HTTP', 'tcp://10.96.0.7:6379'],
    ['VF_FACEID_TIMEOUTS', '10s'],
  ])('are told from %s=%s, which nobody but a person writes', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(`^${name}: no such setting`)]);
  });
});
