/** Fingerprints of the last requests this process started: tells cheaply whether a repeated token came with other fields. */
export type RecentRequests = {
  remember(verificationId: string, fingerprint: string): void;
  has(verificationId: string): boolean;
  /** True only if the remembered request of this verification had other fields. */
  differs(verificationId: string, fingerprint: string): boolean;
};

export function createRecentRequests(capacity: number): RecentRequests {
  const known = new Map<string, string>();
  return {
    remember(verificationId, fingerprint) {
      if (known.has(verificationId)) return;
      known.set(verificationId, fingerprint);
      const [oldest] = known.keys();
      if (known.size > capacity && oldest !== undefined) known.delete(oldest);
    },
    has: (verificationId) => known.has(verificationId),
    differs(verificationId, fingerprint) {
      const first = known.get(verificationId);
      return first !== undefined && first !== fingerprint;
    },
  };
}
