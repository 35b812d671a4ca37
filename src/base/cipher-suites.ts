/** Versions and cipher suites: what is offered when nothing is said, and how Linkerd 1 and OpenSSL name them. */
import { constants } from "node:crypto";
import { getCiphers } from "node:tls";

export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/** Of TLS 1.2 only what keeps past traffic secret and cannot be tampered with; the cheapest first. */
const STANDARD_SUITES = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
];

export interface SuiteOptions {
  /** Both when empty. */
  readonly protocols?: readonly TlsVersion[];
  /** By OpenSSL's or the IANA's names; the standard ones when empty. */
  readonly ciphers?: readonly string[];
}

/** What both sides of TLS are set up with. */
export interface SuiteSettings {
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  readonly ciphers: string;
  readonly secureOptions: number;
}

export function suiteSettings({ protocols = [], ciphers = [] }: SuiteOptions): SuiteSettings {
  const versions: readonly TlsVersion[] = protocols.length > 0 ? protocols : ["TLSv1.2", "TLSv1.3"];
  const names = ciphers.length > 0 ? ciphers.map((name) => openSslName(name) ?? name) : STANDARD_SUITES;
  return {
    minVersion: versions.includes("TLSv1.2") ? "TLSv1.2" : "TLSv1.3",
    maxVersion: versions.includes("TLSv1.3") ? "TLSv1.3" : "TLSv1.2",
    ciphers: names.join(":"),
    // RFC 9113 §9.2.1 forbids renegotiation, and nobody else has a use for it.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  };
}

/** OpenSSL's name of a suite that this Node knows. */
export function openSslName(name: string): string | undefined {
  const known = getCiphers();
  if (known.includes(name.toLowerCase())) return name;
  const parts = name
    .replace(/^(?:TLS|SSL)_/, "")
    .replace("_WITH_", "_")
    .replace(/AES_(128|256)/, "AES$1")
    .replace(/_POLY1305_SHA256$/, "_POLY1305");
  const translated = parts
    .replaceAll("_", "-")
    .replace(/^RSA-AES/, "AES")
    .replace(/-CBC-/, "-");
  return known.includes(translated.toLowerCase()) ? translated : undefined;
}
