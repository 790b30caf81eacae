import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configTable } from '../../src/config/describe.ts';
import { describeContracts } from '../../src/contracts/wire/describe.ts';
import { logEventTable } from '../../src/observability/log-events.ts';
import { metricsTable } from '../../src/observability/metrics.ts';
import { alertTable } from './alerts.ts';
import { commandTable } from './commands.ts';
import { costTable } from './cost.ts';
import { dashboardJson } from './dashboard.ts';
import { stageDiagram } from './diagram.ts';
import { controlTable, propertyTable, smallWorldTable } from './explorer.ts';
import { fillSections } from './markers.ts';
import {
  deadLetterExample,
  decisionAuditExample,
  evidenceAuditExample,
  hintAuditExample,
  hintExample,
  hintFields,
  outcomeExample,
  gateExample,
  outcomeHeaderExample,
  redriveAuditExample,
  replayAuditExample,
  requestExample,
  requestFields,
} from './messages.ts';
import { profileTable } from './profiles.ts';
import { savedViewTable } from './saved-views.ts';
import { scenarioTable } from './scenarios.ts';
import { stormTable } from './storms.ts';
import { deadLetterTable, doctorTable, exitCodeTable, reasonTable, searchAttributeTable } from './tables.ts';
import { quirkTable, uncertainTable, unsentTable, vendorErrorTable, vendorStatusTable, verifyErrorTable } from './vendor.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What the markers in the documents stand for. */
export const SECTIONS: Readonly<Record<string, () => string>> = {
  alerts: alertTable,
  commands: commandTable,
  config: configTable,
  controls: controlTable,
  costs: costTable,
  'dead-letter-example': deadLetterExample,
  'dead-letters': deadLetterTable,
  'doctor-checks': doctorTable,
  'exit-codes': exitCodeTable,
  'decision-audit-example': decisionAuditExample,
  'evidence-audit-example': evidenceAuditExample,
  'gate-example': gateExample,
  'hint-audit-example': hintAuditExample,
  'hint-example': hintExample,
  'hint-fields': hintFields,
  'log-events': logEventTable,
  metrics: metricsTable,
  'outcome-example': outcomeExample,
  'outcome-headers': outcomeHeaderExample,
  profiles: profileTable,
  properties: propertyTable,
  quirks: quirkTable,
  reasons: reasonTable,
  'redrive-audit-example': redriveAuditExample,
  'replay-audit-example': replayAuditExample,
  'request-example': requestExample,
  'request-fields': requestFields,
  'saved-views': savedViewTable,
  scenarios: scenarioTable,
  'search-attributes': searchAttributeTable,
  'small-worlds': smallWorldTable,
  stages: stageDiagram,
  storms: stormTable,
  'uncertain-causes': uncertainTable,
  'unsent-causes': unsentTable,
  'vendor-errors': vendorErrorTable,
  'vendor-statuses': vendorStatusTable,
  'verify-errors': verifyErrorTable,
};

/** Every document for readers, as paths from the root. What lies beside code is looked after by the tests of that code. */
export function documentPaths(): readonly string[] {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  return [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'SECURITY.md',
    'bench/README.md',
    'examples/README.md',
    ...below.map((name) => `docs/${name}`).toSorted(),
  ];
}

export function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Every document as it should be: path from the root to content. */
export function generatedDocuments(): ReadonlyMap<string, string> {
  return new Map(documentPaths().map((path) => [path, fillSections(readDocument(path), SECTIONS)]));
}

/** Published schemas and the board as they should be, in JSON: path from the root to content. */
export function generatedContracts(): ReadonlyMap<string, string> {
  const contracts = [...describeContracts()].map(([path, content]) => [`docs/${path}`, content] as const);
  return new Map([...contracts, ['ops/dashboard.json', dashboardJson()]]);
}
