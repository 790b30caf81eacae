import type { Logger } from '../contracts/logger.ts';
import type { SweepEvents } from '../operator/evidence/ports.ts';
import type { Metrics } from './metrics.ts';

/** What sweeps tell, as metrics and log lines. */
export function createSweepEvents({ logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics }): SweepEvents {
  return {
    erased({ verificationId, expiresAt, objectsDeleted }) {
      metrics.evidenceErased.inc();
      logger.info({ event: 'evidence-erased', verificationId, expiresAt, objectsDeleted }, 'erased what had expired');
    },
    orphansDeleted({ verificationId, objectsDeleted }) {
      metrics.evidenceOrphans.inc(objectsDeleted);
      logger.info({ event: 'orphans-deleted', verificationId, objectsDeleted }, 'deleted what an erasure had left');
    },
    untold({ verificationId, why, refused }) {
      const text = refused ? 'an erasure is not on record, and never will be' : 'an erasure is not on record yet';
      logger.warn({ event: 'erasure-untold', verificationId, reason: why, refused }, text);
    },
  };
}
