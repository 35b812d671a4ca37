/** Why TLS did not come about, in words: OpenSSL's and Node's codes say it to those who know them. */
import type { X509Certificate } from "node:crypto";
import { alternativeNames, describeCertificate } from "../base/certificates.ts";

/** Of an error of the handshake itself; a clause whose subject is the peer. */
const HANDSHAKE_TROUBLES: Readonly<Record<string, string>> = {
  ECONNRESET: "it closed the connection during the handshake",
  EPIPE: "it closed the connection during the handshake",
  ERR_SSL_WRONG_VERSION_NUMBER: "what it sends is not TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "what it sends is not TLS",
  ERR_SSL_HTTP_REQUEST: "it sent HTTP without TLS",
  ERR_SSL_HTTPS_PROXY_REQUEST: "it sent HTTP without TLS",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "it speaks no version of TLS that is allowed here",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "it speaks no version of TLS that is allowed here",
  ERR_SSL_NO_SHARED_CIPHER: "it shares no cipher suite",
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: "it refused the handshake: no cipher suite or client certificate suits it",
  ERR_SSL_SSL_TLS_ALERT_HANDSHAKE_FAILURE: "it refused the handshake: no cipher suite or client certificate suits it",
  ERR_SSL_NO_APPLICATION_PROTOCOL: "it speaks none of the protocols that are spoken here (ALPN)",
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: "it speaks none of the protocols that are spoken here (ALPN)",
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "it showed no certificate, and one is required",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "it requires a client certificate (clientAuth)",
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "it does not trust who signed our certificate",
  ERR_SSL_SSL_TLS_ALERT_UNKNOWN_CA: "it does not trust who signed our certificate",
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "it refuses our certificate",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: "it refuses our certificate",
  ERR_SSL_SSL_TLS_ALERT_CERTIFICATE_UNKNOWN: "it refuses our certificate",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: "it says that our certificate has expired",
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: "it does not know the server name that was asked for",
  ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME: "it does not know the server name that was asked for",
};

/** OpenSSL's own text in the error of a write: `error:0A00042E:SSL routines:function:reason:file:line`. */
const OPENSSL_REASON = /:SSL routines:[^:]*:([^:]+):/;

export function handshakeTrouble(error: NodeJS.ErrnoException): string {
  const written = OPENSSL_REASON.exec(error.message)?.[1];
  const reason = "reason" in error && typeof error.reason === "string" ? error.reason : written;
  const code = error.code === "EPROTO" && reason !== undefined ? codeOf(reason) : (error.code ?? "");
  const known = HANDSHAKE_TROUBLES[code];
  if (known !== undefined) return known;
  return `the handshake failed: ${reason ?? error.message.split("\n")[0]}${code === "" ? "" : ` (${code})`}`;
}

const codeOf = (reason: string): string => `ERR_SSL_${reason.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}`;

/** What an endpoint's certificate is wrong by; a clause whose subject is it. `trust` says whose signatures count. */
export function certificateTrouble(code: string, certificate: X509Certificate, name: string, trust: string): string {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `${shown(certificate)} is for ${namesIn(certificate)}, not for ${name}`;
  }
  return `${shown(certificate)} ${flaw(code, trust)}`;
}

/** What a caller's certificate is wrong by; a clause whose subject is the caller. */
export function refusalOf(code: string, certificate?: X509Certificate): string {
  return `${certificate ? shown(certificate) : "its certificate"} ${flaw(code, "caCertPath")}`;
}

const shown = (certificate: X509Certificate): string => `its certificate (${describeCertificate(certificate)})`;

function flaw(code: string, trust: string): string {
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return "has expired";
    case "CERT_NOT_YET_VALID":
      return "is not valid yet";
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
      return `is self-signed, and not in ${trust}`;
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return `is signed by nobody in ${trust}, or an intermediate certificate is missing`;
    default:
      return `was refused: ${code}`;
  }
}

const SHOWN_NAMES = 5;

function namesIn(certificate: X509Certificate): string {
  const { dns } = alternativeNames(certificate);
  if (dns.length === 0) return certificate.subjectAltName ?? "no name";
  const more = dns.length > SHOWN_NAMES ? ` and ${dns.length - SHOWN_NAMES} more` : "";
  return `${dns.slice(0, SHOWN_NAMES).join(", ")}${more}`;
}
