import type { Factories } from './metrics.ts';

/** What becomes of evidence. */
export function evidenceMetrics({ counter, askedGauge, histogram }: Factories) {
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
  };
}
