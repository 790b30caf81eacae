/**
 * Reads per token (by the vendor's name for it) from the emulator's log: its lines of type `read`. Requests refused
 * before looking are no reads (docs/vendor.md, Error playbook).
 */
export function readsPerToken(logText: string): Map<string, number> {
  const reads = new Map<string, number>();
  for (const line of logText.split('\n').filter((text) => text !== '')) {
    const entry: unknown = JSON.parse(line);
    if (!isRead(entry)) continue;
    reads.set(entry.verificationId, (reads.get(entry.verificationId) ?? 0) + 1);
  }
  return reads;
}

function isRead(entry: unknown): entry is { verificationId: string } {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'type' in entry &&
    entry.type === 'read' &&
    'verificationId' in entry &&
    typeof entry.verificationId === 'string'
  );
}
