import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** PEM texts. */
export type Issued = { readonly cert: string; readonly key: string };

type Subject = {
  readonly name: string;
  /** Host names and IPv4 addresses that the certificate is for. */
  readonly hosts?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** The key is then encrypted with it. */
  readonly passphrase?: string;
};

export type Authority = { readonly cert: string; issue(subject: Subject): Issued };

/** A certificate authority of a test's own. Node.js signs, but writes no certificates: the few bytes of X.509 are written here. */
export function createAuthority(name: string): Authority {
  const keys = newKeys();
  const cert = certificate({ subject: { name }, publicKey: keys.publicKey, issuer: name, issuerKey: keys.privateKey, authority: true });
  return {
    cert,
    issue(subject) {
      const { publicKey, privateKey } = newKeys();
      const encryption = subject.passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase: subject.passphrase };
      return {
        cert: certificate({ subject, publicKey, issuer: name, issuerKey: keys.privateKey, authority: false }),
        key: privateKey.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString(),
      };
    },
  };
}

function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

type Contents = {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly authority: boolean;
};

const DAY_MS = 86_400_000;

function certificate({ subject, publicKey, issuer, issuerKey, authority }: Contents): string {
  const { notBefore = new Date(Date.now() - DAY_MS), notAfter = new Date(Date.now() + DAY_MS), hosts = [] } = subject;
  const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const extensions = [
    extension([0x55, 0x1d, 0x13], sequence(...(authority ? [der(0x01, Buffer.of(0xff))] : []))),
    ...(hosts.length === 0 ? [] : [extension([0x55, 0x1d, 0x11], sequence(...hosts.map(alternativeName)))]),
  ];
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    distinguishedName(issuer),
    sequence(time(notBefore), time(notAfter)),
    distinguishedName(subject.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', signed, issuerKey);
  const whole = sequence(signed, algorithm, der(0x03, Buffer.concat([Buffer.of(0), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function extension(id: readonly number[], value: Buffer): Buffer {
  return sequence(oid(...id), der(0x04, value));
}

function alternativeName(host: string): Buffer {
  const isAddress = /^[\d.]+$/.test(host);
  return isAddress ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)))));
}

/** GeneralizedTime, which has four digits for the year. */
function time(instant: Date): Buffer {
  return der(0x18, Buffer.from(`${instant.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
}

function oid(...bytes: number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** Tag, length, content. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const size = length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
  return Buffer.concat([Buffer.of(tag), size, content]);
}
