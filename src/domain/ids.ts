/** Identities. The formats are frozen for ever: they make redelivery, rewinding and topic re-creation harmless. */

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Text whose SHA-256 identifies a token's verification. */
export function verificationPreimage(token: string): string {
  return `verdictflow:v1:${token}`;
}

/** First 26 characters of the lower-case RFC 4648 base32 of the digest (130 bits). Needs at least 17 bytes. */
export function verificationIdFromDigest(digest: Uint8Array): string {
  let bits = 0;
  let held = 0;
  let id = '';
  for (const byte of digest) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && id.length < 26) {
      bits -= 5;
      id += BASE32.charAt((held >> bits) & 31);
    }
  }
  return id;
}

/** The 26 characters that {@link verificationIdFromDigest} makes. */
export const VERIFICATION_ID = /^[a-z2-7]{26}$/;

export function isVerificationId(text: string): boolean {
  return VERIFICATION_ID.test(text);
}

export function workflowIdOf(verificationId: string): string {
  return `fv-${verificationId}`;
}

/** Takes back what {@link workflowIdOf} put before; other texts stay as they are. */
export function withoutPrefix(workflowId: string): string {
  return workflowId.replace(/^fv-/, '');
}

/** Id of the workflow that is the gate of a vendor account. */
export function gateWorkflowId(region: string): string {
  return `vf-gate-${region}`;
}

/** The queue on which reads wait for the gate, beside the queue of everything else. */
export function readsQueueOf(taskQueue: string): string {
  return `${taskQueue}-reads`;
}

/** `ce_id` of an outcome; revision starts at 1. */
export function outcomeEventId(verificationId: string, revision: number): string {
  return `${verificationId}.r${revision}`;
}

/** Id of the tiny workflow that grants read `read` to a run that is not the home run (ADR 0010). */
export function grantedReadWorkflowId(verificationId: string, read: number): string {
  return `${workflowIdOf(verificationId)}-read-${read}`;
}

/** Id of the tiny workflow that grants a revision of the outcome to a run that is not the home run (ADR 0010). */
export function grantedRevisionWorkflowId(verificationId: string, revision: number): string {
  return `${workflowIdOf(verificationId)}-rev-${revision}`;
}
