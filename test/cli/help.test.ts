import { describe, expect, it } from 'vitest';
import { cliProgram, leavesOf, pathOf } from '../../scripts/docs/commands.ts';
import { runFakeCli } from './fake-cli.ts';

const COMMANDS = leavesOf(cliProgram()).map((command) => pathOf(command).replace('verdictflow ', ''));

describe('help', () => {
  it('lists the commands of this version and the exit codes', async () => {
    const { code, out } = await runFakeCli(['--help']);
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "Usage: verdictflow [options] [command]

      submit, watch and steer face verifications

      Options:
        --version                        print the version
        -h, --help                       print this help

      Commands:
        submit [options]                 write verification requests to the request topic and print their verification ids
        show [options] [verificationId]  tell what happened to a verification, where it stands, and what comes next
        list [options]                   list verifications, newest first
        watch [options]                  rates, stages, reads, lag and nearest deadlines, again and again
        hint [options] [verificationId]  tell a verification that its session has ended
        gate                             hold every read of the vendor account, or let them begin again
        replay                           repeat finished verifications: plan it, then run it
        decide [options] [ids...]        decide by hand what needs a review: approve or reject
        dlq                              look at dead letters, and send them again
        evidence                         list, open and hold what is kept of the vendor’s answers
        erase [options] [ids...]         destroy evidence for ever: key first, then what it locks
        setup [options]                  make the topics, the Temporal namespace and its search attributes
        doctor [options]                 examine settings, Kafka, Temporal, clocks, keys and the vendor; each line says what
                                         to do
        config [options]                 check the settings and print them with their source; secrets are redacted
        emulator [options]               run the FaceID emulator: faithful quota, every documented answer
        help [command]                   display help for command

      Exit codes: 0 ok, 1 the command's own negative answer, 64 usage, 69 a dependency is unavailable, 70 internal, 78 configuration.
      Settings come from VF_* and TEMPORAL_* variables: see "verdictflow config --help".
      "
    `);
  });

  it.each(COMMANDS)('%s explains itself and offers --json', async (command) => {
    const { code, out } = await runFakeCli([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(out).toContain('--json');
    if (command !== 'config') expect(out).toContain('Examples:');
  });

  it('decide says whom it binds, what stands, and what it refuses', async () => {
    const { out } = await runFakeCli(['decide', '--help']);
    const [options = '', promises = ''] = out.split('\nPublishes ');
    expect(options).toMatchInlineSnapshot(`
      "Usage: verdictflow decide [options] [ids...]

      decide by hand what needs a review: approve or reject

      Options:
        --approve            the next revision is PASSED
        --reject             the next revision is FAILED
        --reviewer <name>    who looked at it, no e-mail address; goes to the outcomes (required unless resuming)
        --reason <text>      why; goes to the outcomes and the audit topic (required unless resuming)
        --ticket <id>        where it was asked for
        --operator <name>    who enters it, no e-mail address (default: the reviewer)
        --revision <number>  the revision that was looked at: refused if it is no longer the latest
        --override           decide also in the place of another outcome than NEEDS_REVIEW, or of a decision
        --file <path>        verification ids, one per line or as NDJSON; - is standard input
        --rate <per-second>  decisions started per second at most (default: 5)
        --yes                start without asking
        --journal <path>     file to resume from (default: .verdictflow/decide-<time>.ndjson)
        --dry-run            only print the plan
        --json               print one JSON document a line
        -h, --help           print this help
      "
    `);
    for (const said of [
      'PASSED with MANUAL_APPROVED, or FAILED with MANUAL_REJECTED, in the name of the\nreviewer',
      'No vendor read is made',
      'nothing that is still running',
      'holds against resets and replays',
      'Of two people at once the first one decides',
      'elsewhere more than 10 need --yes',
      'decides nothing twice',
    ])
      expect(promises).toContain(said);
  });

  it('replay says what its actions cost and what it needs', async () => {
    const { out } = await runFakeCli(['replay', 'run', '--help']);
    expect(out).toMatchInlineSnapshot(`
      "Usage: verdictflow replay run [options] [ids...]

      start the replays that the plan does not refuse

      Options:
        --file <path>           verification ids, one per line or as NDJSON; - is standard input
        --outcome <outcome>     those with this outcome: PASSED, FAILED, NEEDS_REVIEW, NOT_COMPLETED, EXPIRED, ERROR
        --with-reason <code>    those with this first reason, e.g. DATA_SOURCE_ERROR
        --since <when>          started or ended since then: RFC 3339, or a duration such as 2h or 7d
        --query <condition>     further condition for Temporal visibility, see below
        --required-far <level>  decide by this false-accept rate instead: 1e-3, 1e-4, 1e-5, 1e-6
        --comparisons <names>   decide by these comparisons instead, e.g. result_ref1,result_ref2
        --json                  print one JSON document a line
        --reason <text>         why; goes to the outcomes and the audit topic (required unless resuming)
        --operator <name>       who orders it, no e-mail address (required unless resuming; default: $USER)
        --ticket <id>           where it was asked for
        --rate <per-second>     replays started per second at most (default: 5)
        --yes                   start without asking
        --journal <path>        file to resume from (default: .verdictflow/replay-<time>.ndjson)
        --dry-run               only print the plan, as "replay plan" does
        --wait                  wait for the outcomes and print them
        -h, --help              print this help

      RE_EMIT    the latest outcome again, byte for byte under its ce_id: no vendor read
      RE_DECIDE  the reads made so far give another outcome, the next revision: no vendor read
      READ       no verdict, but reads and time are left: at most as many reads as the plan says
      REFUSE     a replay cannot bring anything; the plan says why

      Selections come from Temporal's visibility store and may lag by a second or so.
      --query takes its language, over VfOutcome, VfReason, VfStage, VfCallsSpent, VfDeadline, VfBizKey, VfPolicy and the built-in
      attributes: --query "VfReason = 'VENDOR_UNAVAILABLE' AND VfCallsSpent < 3"
      --file takes the ids only, also from a plan in JSON: give the --required-far or --comparisons of that plan again.

      Executes the plan except what it refuses, and says what that is. At a terminal it asks before it starts anything, unless --yes
      is given; elsewhere more than 10 replays need --yes.
      An outage of Temporal that begins while it works is waited for, until you interrupt it. One that is there at the start ends
      it with 69 after 10 s; one of Kafka ends it with 69 at any time.
      The journal makes it resumable: run it again with the same --journal, and it goes on where it stopped and starts nothing twice.
      Counts and exit code are those of the whole journal.
      Exit code 1: nothing was selected, everything is refused, something cannot be read, something was skipped (not started, because
      the plan no longer held or it failed by itself) or not audited (started, but the audit topic refused the record), an outcome is
      missing (--wait), or it was interrupted. 69: Temporal or Kafka is away; go on with the same --journal. 64: wrong options, or the
      journal is locked or is none.

      Examples:
        $ verdictflow replay run dwo7f5duyy4bp6gv3yi5xvnkk2 --reason "vendor outage" --ticket INC-7 --wait
        $ verdictflow replay run --outcome ERROR --since 2h --reason "vendor outage" --rate 20 --yes
        $ verdictflow replay run --journal .verdictflow/replay-2026-01-15T10-00-00-000Z.ndjson --yes
      "
    `);
  });

  it('hint names both negative answers', async () => {
    expect((await runFakeCli(['hint', '--help'])).out).toMatch(
      /Exit code 1: no such verification is running,\s+or it takes no further hints\./,
    );
  });

  it('--version prints the version', async () => {
    expect(await runFakeCli(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' });
  });

  it('config --help describes every setting', async () => {
    const { out } = await runFakeCli(['config', '--help']);
    expect(out).toContain('VF_POLICY_CUSTOM_OFFSETS');
    expect(out).toContain('TEMPORAL_ADDRESS');
    expect(out).toContain('Durations: 500ms, 20s, 5m, 24h');
    expect(out).toMatch(/VF_COUNT_REFUSED .*\(true or false\) \[false\]/);
  });

  it('names the choices and the defaults of options', async () => {
    expect((await runFakeCli(['submit', '--help'])).out).toMatch(/--policy [^]*"issued",\s+"completed"/);
    const { out } = await runFakeCli(['emulator', '--help']);
    expect(out).toMatch(/--port .*default: 8085/);
    expect(out).toMatch(/--scenario .*default: ready-pass/);
    expect(out).toContain('expires-to-timeout');
  });
});
