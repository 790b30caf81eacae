import { activityInfo } from '@temporalio/activity';
import { type ActivityPorts, createActivities } from '../../../activities/create.ts';
import { processEnv } from '../../../src/config/process-env.ts';
import type { VerificationActivities } from '../../../src/contracts/workflow.ts';
import { createOutcomeSink } from '../../../src/kafka/sinks.ts';
import { createGrants } from '../../../src/temporal/grants.ts';
import { createHistoryLedger } from '../../../src/temporal/history/ledger.ts';
import { createHistorySource } from '../../../src/temporal/history/source.ts';
import type { RoleContext } from '../../../workers/context.ts';
import { openEngines } from '../../../workers/engines.ts';
import { runRole } from '../../../workers/run-role.ts';
import { tokenSealOf } from '../../../workers/settings.ts';
import { runWorkers } from '../../../workers/serve-worker.ts';
import { leaveAtOnce, leaveWith } from '../../../workers/signals.ts';
import { openVendor } from '../../../workers/vendor.ts';

// The worker of the negative controls: the real one but for one safety. What is taken away is chosen by this program's
// argument, never by a setting, so that nothing a service understands can switch it off.

const KEEP_NOTHING: ActivityPorts['grants'] = { grantRead: async () => 'GRANTED', grantRevision: async () => 'GRANTED' };

/** Lets the guard see every run as the home run. */
function forged(real: VerificationActivities): VerificationActivities {
  return {
    ...real,
    getResult: (order) => real.getResult({ ...order, stamped: true, originalRunId: activityInfo().workflowExecution?.runId ?? '' }),
  };
}

async function startWorker(context: RoleContext): Promise<Readonly<Record<string, string>>> {
  const sabotage = process.argv[2];
  if (sabotage !== 'guard' && sabotage !== 'grants') throw new Error('say what to take away: guard or grants');
  const { link, producer } = await openEngines(context);
  const { client } = link;
  const { topics } = context.config.kafka;
  const { taskQueue } = context.config.temporal;
  const activities = createActivities({
    resultApi: openVendor(context),
    tokenOpener: tokenSealOf(context.live),
    outcomeSink: createOutcomeSink({ producer, topic: topics.outcomes, source: '/verdictflow' }),
    ledger: createHistoryLedger({ source: createHistorySource({ client }), logger: context.logger }),
    grants: sabotage === 'grants' ? KEEP_NOTHING : createGrants({ client, taskQueue }),
  });
  await runWorkers(context, { link, activities: sabotage === 'guard' ? forged(activities) : activities });
  return { taskQueue, sabotage };
}

leaveWith(
  await runRole('worker', {
    env: processEnv(),
    starter: async () => startWorker,
    source: process,
    forceExit: leaveAtOnce,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  }),
);
