import { codecTokens } from './codec-tokens.ts';
import { field, integer, listenAddress } from './fields.ts';
import { optional, path, withDefault } from './variable.ts';

/** Of the codec server. */
export const codecVariables = {
  VF_CODEC_HOST: withDefault(listenAddress(), {
    description:
      'Address on which the codec server listens. Any other than a loopback address needs `VF_CODEC_TOKENS`, `VF_CODEC_TLS_CERT_FILE` and `VF_CODEC_TLS_KEY_FILE`.',
    form: 'IP address or localhost',
    default: '127.0.0.1',
  }),
  VF_CODEC_PORT: withDefault(integer({ min: 0, max: 65_535 }), {
    description: 'Port of the codec server. 0: any free port, named in the ready line.',
    form: 'port',
    default: '8234',
  }),
  VF_CODEC_NAMESPACES: optional(list(/^[\w.-]{1,255}$/, 'is no name of a namespace'), {
    description: 'Temporal namespaces whose payloads the codec server decrypts: what the header `X-Namespace` may say.',
    form: 'name[,name]',
    requiredFor: ['codec-server'],
  }),
  VF_CODEC_ORIGINS: optional(
    list(/^https?:\/\/(\[[\da-fA-F:]+\]|[\w.-]+)(:\d{1,5})?$/, 'is no origin; write e.g. https://temporal.example.com'),
    {
      description:
        'Web origins of the Temporal UIs that may ask the codec server, as the browser writes them: scheme, host and port. No `*`. Absent: none, so only the CLI may.',
      form: 'origin[,origin]',
    },
  ),
  VF_CODEC_TOKENS: optional(codecTokens(), {
    description:
      'Who may ask the codec server, each with a bearer token of 32 characters or more. The name goes to the log. Absent: whoever is on this machine, and nobody else.',
    form: 'name:token[,name:token]',
    secret: true,
  }),
  VF_CODEC_TOKENS_FILE: path(
    'File that holds the tokens of the codec server, instead of the variable itself; there each may have a line of its own.',
  ),
  VF_CODEC_TLS_CERT_FILE: path('Certificate of the codec server and those that lead to its authority, PEM.'),
  VF_CODEC_TLS_KEY_FILE: path('Private key of that certificate, PEM, without a password.'),
};

function list(form: RegExp, problem: string) {
  return field<readonly string[]>((text) => {
    const values = text.split(',').map((one) => one.trim());
    const wrong = values.findIndex((one) => !form.test(one));
    return wrong === -1 ? { value: values } : { problem: `entry ${wrong + 1} ${problem}` };
  });
}
