import { describe, expect, it } from 'vitest';
import { runFakeCli } from './fake-cli.ts';

const COMMANDS = ['submit', 'show', 'list', 'hint', 'replay plan', 'replay run', 'setup', 'config', 'emulator'];

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
        show [options] [verificationId]  where a verification stands: stage, reads, next read, outcome
        list [options]                   list verifications, newest first
        hint [options] [verificationId]  tell a verification that its session has ended
        setup [options]                  make the topics, the Temporal namespace and its search attributes
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

  it('replay says what its actions cost and what it needs', async () => {
    const { out } = await runFakeCli(['replay', 'run', '--help']);
    expect(out).toMatchInlineSnapshot();
  });

  it('--version prints the version', async () => {
    expect(await runFakeCli(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' });
  });

  it('config --help describes every setting', async () => {
    const { out } = await runFakeCli(['config', '--help']);
    expect(out).toContain('VF_POLICY_CUSTOM_OFFSETS');
    expect(out).toContain('TEMPORAL_ADDRESS');
  });
});
