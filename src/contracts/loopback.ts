/** True for this machine itself: what is sent there crosses no network. IPv6 as in a URL, `[::1]`, or bare. */
export function isLoopback(host: string): boolean {
  return /^(localhost|\[::1\]|::1|127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/i.test(host);
}

/** Whether every broker, written `host:port`, is on this machine. */
export function areLocal(brokers: readonly string[]): boolean {
  return brokers.every((broker) => isLoopback(broker.replace(/:\d+$/, '')));
}
