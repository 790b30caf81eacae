import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

// What PEM files must hold before anything is connected with them. Problems name no path and quote nothing.

type Read<T> = { readonly value: T } | { readonly problem: string };

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[^]+?-----END (?:[A-Z]+ )*PRIVATE KEY-----/;
const CONVERT = 'convert it with openssl (x509 or pkcs12)';

/** The certificates of a file, whatever else it holds: bundles come with comments, some files with the key. */
function certificatesIn(text: string): readonly X509Certificate[] | undefined {
  const blocks = text.match(CERTIFICATES) ?? [];
  try {
    return blocks.length === 0 ? undefined : blocks.map((block) => new X509Certificate(block));
  } catch {
    // Base64 that is no certificate; OpenSSL's own words would say no more.
    return undefined;
  }
}

/** Authorities. In a bundle some may have run out, as some of every system's list have. */
export function readAuthorities(text: string, nowMs: number): Read<string> {
  const found = certificatesIn(text);
  if (found === undefined) return { problem: `the file holds no certificate in PEM; ${CONVERT}` };
  const [latest] = found.toSorted((one, other) => Date.parse(other.validTo) - Date.parse(one.validTo));
  if (latest !== undefined && Date.parse(latest.validTo) < nowMs) return { problem: expired(latest, 'every certificate in the file') };
  return { value: pemOf(found) };
}

/** Our own certificate, first in its file, and those that lead to the authority. */
export function readCertificate(text: string, nowMs: number): Read<{ readonly pem: string; readonly own: X509Certificate }> {
  const found = certificatesIn(text);
  const own = found?.[0];
  if (found === undefined || own === undefined) return { problem: `the file holds no certificate in PEM; ${CONVERT}` };
  if (Date.parse(own.validTo) < nowMs) return { problem: expired(own, 'the certificate') };
  if (Date.parse(own.validFrom) > nowMs) {
    return { problem: `the certificate is not valid before ${isoOf(own.validFrom)}; check the clock of this machine` };
  }
  return { value: { pem: pemOf(found), own } };
}

/** The private key, decrypted. `remedy`: what to do about an encrypted one without a password. */
export function readPrivateKey(
  text: string,
  { password, remedy }: { readonly password?: string | undefined; readonly remedy: string },
): Read<KeyObject> {
  const block = PRIVATE_KEY.exec(text)?.[0];
  if (block === undefined) return { problem: `the file holds no private key in PEM; ${CONVERT}` };
  const encrypted = block.includes('ENCRYPTED');
  if (encrypted && password === undefined) return { problem: `the private key is encrypted; ${remedy}` };
  try {
    return { value: createPrivateKey({ key: block, ...(password === undefined ? {} : { passphrase: password }) }) };
  } catch {
    return {
      problem: encrypted
        ? 'the private key does not open with VF_KAFKA_SSL_KEY_PASSWORD; give the password it was encrypted with'
        : 'the private key cannot be read; write it anew',
    };
  }
}

function expired({ validTo }: X509Certificate, what: string): string {
  return `${what} has expired (${isoOf(validTo)}); renew it`;
}

function isoOf(openSslDate: string): string {
  return new Date(openSslDate).toISOString();
}

function pemOf(certificates: readonly X509Certificate[]): string {
  return certificates.map((one) => one.toString()).join('');
}
