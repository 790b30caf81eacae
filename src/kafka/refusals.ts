const FOREIGN = 'the certificate of the broker is signed by nobody this process trusts: name its authority in VF_KAFKA_SSL_CA_FILE';
const UNWANTED =
  'the broker wants a certificate that it trusts: check VF_KAFKA_SSL_CERT_FILE and VF_KAFKA_SSL_KEY_FILE, and whom it trusts';
const NO_TLS = 'the broker does not speak TLS on this port: check VF_KAFKA_SSL and the port';

/** What the codes of Node.js and OpenSSL mean to whoever set Kafka up. */
const BY_CODE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate of the broker, or of its authority, has expired: renew it there',
  CERT_NOT_YET_VALID: 'the certificate of the broker is not valid yet: check the clock of this machine',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'the certificate of the broker is for other names than its address: where only the address differs, set VF_KAFKA_SSL_SERVER_NAME',
  DEPTH_ZERO_SELF_SIGNED_CERT: FOREIGN,
  SELF_SIGNED_CERT_IN_CHAIN: FOREIGN,
  UNABLE_TO_GET_ISSUER_CERT: FOREIGN,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: FOREIGN,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: FOREIGN,
  CERT_SIGNATURE_FAILURE: FOREIGN,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: UNWANTED,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: UNWANTED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the certificate of this process has expired: renew VF_KAFKA_SSL_CERT_FILE',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: UNWANTED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: UNWANTED,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: UNWANTED,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
};

/** Messages that come with a code of no meaning, or none; the settings to look at are put behind them. */
const BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/before secure TLS connection was established/, 'check VF_KAFKA_SSL and the port'],
  [/requested SASL mechanism|mechanism is not supported/, 'check VF_KAFKA_SASL_MECHANISM and the port'],
  [/^SASL .*authentication failed/, 'check the settings VF_KAFKA_SASL_*'],
];

/** What to do about a connection that was refused, if that is what the error says. */
export function refusalText({ code, message }: { readonly code?: string | undefined; readonly message: string }): string | undefined {
  if (code !== undefined && Object.hasOwn(BY_CODE, code)) return `${BY_CODE[code]} (${code})`;
  const remedy = BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1];
  return remedy === undefined ? undefined : `${message}: ${remedy}`;
}
