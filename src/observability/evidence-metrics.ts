import type { Factories } from './metrics.ts';

/** What becomes of evidence. */
export function evidenceMetrics({ counter, gauge, askedGauge, histogram }: Factories) {
  return {
    evidence: counter({
      name: 'verdictflow_evidence_total',
      help: 'Images and answers that were to be kept, by kind and by what became of them: KEPT, or why they were lost.',
      labels: ['kind', 'result'],
    }),
    evidenceBytes: counter({
      name: 'verdictflow_evidence_bytes_total',
      help: 'Bytes of evidence kept, before encryption.',
    }),
    evidenceDuration: histogram({
      name: 'verdictflow_evidence_seconds',
      help: 'How long an object took to be kept, further attempts included.',
      buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 20],
    }),
    evidenceRetries: counter({
      name: 'verdictflow_evidence_retries_total',
      help: 'Requests that a store did not fulfil and that were made again, by reason.',
      labels: ['why'],
    }),
    evidenceMemory: askedGauge({
      name: 'verdictflow_evidence_memory_bytes',
      help: 'Bytes of evidence that this worker holds, ciphertexts included; `VF_EVIDENCE_MEMORY` at most.',
    }),
    evidenceErased: counter({
      name: 'verdictflow_evidence_erased_total',
      help: 'Verifications whose evidence this sweeper erased because it had expired.',
    }),
    evidenceOrphans: counter({
      name: 'verdictflow_evidence_orphans_deleted_total',
      help: 'Objects that an erasure had left without a key, and this sweeper deleted.',
    }),
    evidenceExpired: askedGauge({
      name: 'verdictflow_evidence_oldest_expired_seconds',
      help: 'How long ago the oldest evidence expired that is still kept and not on hold, as of the last sweep; 0 if none has.',
    }),
    evidenceSweptAt: gauge({
      name: 'verdictflow_evidence_swept_timestamp_seconds',
      help: 'When the last sweep got through, or the sweeper started if none did since. 0 where none runs.',
    }),
  };
}
