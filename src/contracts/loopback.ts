import { hostPortOf } from './host-port.ts';

/** True for this machine itself: what is sent there crosses no network. IPv6 as in a URL, `[::1]`, or bare. */
export function isLoopback(host: string): boolean {
  return /^(localhost|\[::1\]|::1|127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/i.test(host);
}

/** True if every one of these addresses, `host:port` or `host`, is of this machine. */
export function areLoopback(addresses: readonly string[]): boolean {
  return addresses.every((address) => isLoopback(hostPortOf(address).host));
}
