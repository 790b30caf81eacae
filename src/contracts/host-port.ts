import { defined } from '../domain/defined.ts';

export type HostPort = { readonly host: string; readonly port: number };

/** `host:port`, as every list of addresses and every URL has it: an IPv6 address stands in brackets. */
export function hostPortText({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The parts of `host:port` or `host`, brackets off. Several colons without brackets are an IPv6 address that has no port. */
export function hostPortOf(address: string): { readonly host: string; readonly port?: number } {
  const [, bracketed, named, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(address) ?? [];
  return { host: bracketed ?? named ?? address, ...defined({ port: port === undefined ? undefined : Number(port) }) };
}
