import { z } from 'zod';
import { asyncApiDocument } from './asyncapi.ts';
import { deadLetterHeadersSchema } from './dead-letter.ts';
import { decisionAuditSchema } from './decision-audit.ts';
import { evidenceAuditSchema } from './evidence-audit.ts';
import { gateEventSchema } from './gate-event.ts';
import { hintAuditSchema } from './hint-audit.ts';
import { hintSchema } from './hint.ts';
import { outcomeSchema } from './outcome.ts';
import { redriveAuditSchema } from './redrive-audit.ts';
import { replayAuditSchema } from './replay-audit.ts';
import { requestSchema } from './request.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The published schemas by name; draft 7 is what AsyncAPI 3 embeds without a format note. */
export function contractSchemas() {
  return {
    request: schemaOf(requestSchema, 'request'),
    hint: schemaOf(hintSchema, 'hint'),
    outcome: schemaOf(outcomeSchema, 'outcome'),
    'dead-letter-headers': schemaOf(deadLetterHeadersSchema, 'dead-letter-headers'),
    'replay-audit': schemaOf(replayAuditSchema, 'replay-audit'),
    'decision-audit': schemaOf(decisionAuditSchema, 'decision-audit'),
    'hint-audit': schemaOf(hintAuditSchema, 'hint-audit'),
    gate: schemaOf(gateEventSchema, 'gate'),
    'evidence-audit': schemaOf(evidenceAuditSchema, 'evidence-audit'),
    'redrive-audit': schemaOf(redriveAuditSchema, 'redrive-audit'),
  } as const;
}

/**
 * The generated contract documents: path below `docs/` to content. The caller writes them; a test compares them with
 * what is committed.
 */
export function describeContracts(): ReadonlyMap<string, string> {
  const schemas = contractSchemas();
  const documents = Object.entries(schemas).map(([name, schema]) => [`schemas/${name}.v1.json`, schema] as const);
  return new Map(
    [...documents, ['asyncapi.json', asyncApiDocument(schemas)] as const].map(([path, content]) => [
      path,
      `${JSON.stringify(content, null, 2)}\n`,
    ]),
  );
}

function schemaOf(schema: z.ZodType, name: string): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return { $schema, $id: `urn:verdictflow:schema:${name}:1`, ...rest };
}
