const FOREIGN = 'the certificate of the broker is signed by nobody this process trusts: name its authority in VF_KAFKA_SSL_CA_FILE';
const REFUSED =
  'the broker refuses the certificate of this process: check VF_KAFKA_SSL_CERT_FILE, and whether its authority is known there';

/** What the codes of Node.js and OpenSSL mean to whoever set Kafka up. */
const MEANINGS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate of the broker, or of its authority, has expired: renew it there',
  CERT_NOT_YET_VALID: 'the certificate of the broker is not valid yet: check the clock of this machine',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'the certificate of the broker is for other names than its address in VF_KAFKA_BROKERS or its advertised one; where only the address differs, set VF_KAFKA_SSL_SERVER_NAME',
  DEPTH_ZERO_SELF_SIGNED_CERT: FOREIGN,
  SELF_SIGNED_CERT_IN_CHAIN: FOREIGN,
  UNABLE_TO_GET_ISSUER_CERT: FOREIGN,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: FOREIGN,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: FOREIGN,
  CERT_SIGNATURE_FAILURE: FOREIGN,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the broker wants a certificate: set VF_KAFKA_SSL_CERT_FILE and VF_KAFKA_SSL_KEY_FILE',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the certificate of this process has expired: renew VF_KAFKA_SSL_CERT_FILE',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: REFUSED,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: REFUSED,
  ERR_SSL_WRONG_VERSION_NUMBER: 'the broker does not speak TLS on this port: check VF_KAFKA_SSL and the port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the broker does not speak TLS on this port: check VF_KAFKA_SSL and the port',
};

export function tlsMeaning(code: string): string | undefined {
  return Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined;
}
