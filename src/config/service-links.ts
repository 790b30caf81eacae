import { isIP } from 'node:net';

/**
 * Kubernetes tells every pod of the Services of its namespace by variables (`enableServiceLinks`, on by default): one named
 * `vf-ingress` puts `VF_INGRESS_PORT=tcp://10.0.0.1:9464` and six or more others there, and overrides what an image sets.
 * Nobody wrote those for us, so they are neither settings nor misspelt ones.
 *
 * Both name and value must have the form that Kubernetes gives them: a misspelt setting has never both.
 */
export function isServiceLink(name: string, value: string): boolean {
  return FORMS.some(([suffix, fits]) => suffix.test(name) && fits(value));
}

/** The Service that a variable tells of, as far as its name can be read back: capitals and underscores are all that is left of it. */
export function serviceOf(name: string): string {
  const prefix = FORMS.map(([suffix]) => name.replace(suffix, '')).reduce((one, other) => (other.length < one.length ? other : one));
  return prefix.toLowerCase().replaceAll('_', '-');
}

const PROTOCOL = '(?:TCP|UDP|SCTP)';

/** What follows the Service's name, and what its value looks like. */
const FORMS: readonly (readonly [suffix: RegExp, fits: (value: string) => boolean])[] = [
  [/_SERVICE_HOST$/, isAddress],
  [/_SERVICE_PORT(?:_[A-Z0-9_]+)?$/, isPort],
  [new RegExp(`_PORT(?:_\\d+_${PROTOCOL})?$`), isUrl],
  [new RegExp(`_PORT_\\d+_${PROTOCOL}_PROTO$`), (value) => /^(?:tcp|udp|sctp)$/.test(value)],
  [new RegExp(`_PORT_\\d+_${PROTOCOL}_PORT$`), isPort],
  [new RegExp(`_PORT_\\d+_${PROTOCOL}_ADDR$`), isAddress],
];

function isAddress(value: string): boolean {
  return isIP(value) !== 0;
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value);
}

/** `tcp://10.0.0.1:9464`, `udp://[fd00::1]:53`. */
function isUrl(value: string): boolean {
  const [, bracketed, plain] = /^(?:tcp|udp|sctp):\/\/(?:\[([^\]]+)\]|([^:]+)):\d{1,5}$/.exec(value) ?? [];
  return isAddress(bracketed ?? plain ?? '');
}
