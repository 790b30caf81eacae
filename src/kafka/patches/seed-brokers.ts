/**
 * kafkajs 2.2.4 splits the addresses it is configured with at their first colon, so that `[::1]:9092` is the host `[`. What brokers
 * tell of each other it takes as host and port: here the configured ones, which are written so that it splits them right, are
 * handed to it in that way.
 */
import { type HostPort, hostPortOf } from '../../contracts/host-port.ts';
import { onlyOnce, prototypeOf } from './internals.ts';

type Builder = { readonly build: (destination?: HostPort & { readonly rack?: string | null }) => Promise<HostPort> };

type Pool = { connectionPoolBuilder: Builder };

type Seeds = { createSeedBroker: (this: Pool) => Promise<void> };

/** An address of ours in the form that kafkajs splits right, for the patch below to read. No host name has a percent sign. */
export function seedText(address: string): string {
  const { host, port } = hostPortOf(address);
  return host.includes(':') && port !== undefined ? `${encodeURIComponent(host)}:${port}` : address;
}

/** Makes kafkajs connect to what `seedText` has written. For the whole process. */
export const readSeeds = onlyOnce(() => {
  const prototype = prototypeOf<Seeds>('src/cluster/brokerPool', ['createSeedBroker']);
  const original = prototype.createSeedBroker;
  const reading = new WeakSet<Builder>();
  prototype.createSeedBroker = async function create() {
    if (!reading.has(this.connectionPoolBuilder)) {
      this.connectionPoolBuilder = readingBuilder(this.connectionPoolBuilder);
      reading.add(this.connectionPoolBuilder);
    }
    await Reflect.apply(original, this, []);
  };
});

/** What the first `build` has made is no connection yet, and is thrown away. */
function readingBuilder(builder: Builder): Builder {
  return {
    async build(destination) {
      const built = await builder.build(destination);
      if (destination !== undefined || !built.host.includes('%')) return built;
      return await builder.build({ host: decodeURIComponent(built.host), port: built.port });
    },
  };
}
