/** Certificates and keys as PEM files hold them: read, checked against each other, and named in sentences. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** Why a file, or two together, cannot be used; the message names the files and never holds a key. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  /** The file to mend. */
  readonly file: string;
  constructor(file: string, message: string) {
    super(message);
    this.file = file;
  }

  static unreadable(file: string, cause: unknown): CertificateError {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const why = { ENOENT: "there is no such file", EISDIR: "it is a directory", EACCES: "it may not be read" }[code];
    return new CertificateError(file, `cannot read ${file}: ${why ?? code}`);
  }
}

/** Files of one identity, as absolute paths. */
export interface PairFiles {
  readonly certPath: string;
  readonly keyPath: string;
  readonly intermediateCertsPath?: string;
}

/** An identity: what a peer is shown, and the key that proves it. */
export interface Pair {
  readonly leaf: X509Certificate;
  /** PEM of the leaf and of what leads from it to a root. */
  readonly chain: Buffer;
  readonly key: Buffer;
}

/** What a file holds; throws a CertificateError where it cannot be read. */
export type ReadFile = (path: string) => Buffer;

const BLOCK = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** Throws a CertificateError. An expired certificate is no error here. */
export function readPair(files: PairFiles, read: ReadFile): Pair {
  const { certPath, keyPath, intermediateCertsPath } = files;
  const own = read(certPath);
  const [leaf] = readCertificates(certPath, own);
  const keyText = read(keyPath);
  const key = readKey(keyPath, keyText);
  if (leaf === undefined) throw new CertificateError(certPath, `${certPath} holds no certificate`);
  if (!leaf.checkPrivateKey(key)) {
    throw new CertificateError(keyPath, `the key in ${keyPath} does not belong to the certificate in ${certPath}`);
  }
  if (intermediateCertsPath === undefined) return { leaf, chain: own, key: keyText };
  const more = read(intermediateCertsPath);
  readCertificates(intermediateCertsPath, more);
  return { leaf, chain: Buffer.concat([own, Buffer.from("\n"), more]), key: keyText };
}

/** At least one. Throws a CertificateError. */
export function readCertificates(file: string, pem: Buffer): readonly X509Certificate[] {
  const blocks = pem.toString("latin1").match(BLOCK) ?? [];
  if (blocks.length === 0) {
    throw new CertificateError(file, `${file} holds no certificate (a PEM block that begins with BEGIN CERTIFICATE)`);
  }
  return blocks.map((block, at) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new CertificateError(file, `certificate ${at + 1} in ${file} cannot be parsed`);
    }
  });
}

/** Of a cause only OpenSSL's code is told: the text of a key stays out of messages. */
function readKey(file: string, pem: Buffer): KeyObject {
  const text = pem.toString("latin1");
  if (!text.includes("PRIVATE KEY-----")) {
    throw new CertificateError(file, `${file} holds no private key (a PEM block that begins with BEGIN PRIVATE KEY)`);
  }
  if (text.includes("ENCRYPTED")) {
    throw new CertificateError(file, `the key in ${file} is encrypted; it must be without a passphrase`);
  }
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new CertificateError(file, `the private key in ${file} cannot be parsed${code}`);
  }
}

/** `CN=users.example, issuer CN=root, valid to 2026-11-25`. */
export function describeCertificate(certificate: X509Certificate): string {
  const subject = oneLineName(certificate.subject) || "without a subject";
  const issuer = oneLineName(certificate.issuer) || "unnamed";
  return `${subject}, issuer ${issuer}, valid to ${certificate.validToDate.toISOString().slice(0, 10)}`;
}

/** A distinguished name as RFC 2253 writes it, the last part first; the parts come escaped. */
export function oneLineName(name: string | undefined): string {
  return (name ?? "").split("\n").reverse().join(",");
}

/** The DNS names and URIs that a certificate is for, in its order. */
export interface AlternativeNames {
  readonly dns: readonly string[];
  readonly uris: readonly string[];
}

/** An entry is plain text up to a comma, or a JSON text where it would be ambiguous. */
const ENTRY = /([A-Za-z0-9 ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y;

export function alternativeNames(certificate: X509Certificate): AlternativeNames {
  const names: { dns: string[]; uris: string[] } = { dns: [], uris: [] };
  const text = certificate.subjectAltName ?? "";
  ENTRY.lastIndex = 0;
  for (let entry = ENTRY.exec(text); entry !== null && entry[0] !== ""; entry = ENTRY.exec(text)) {
    const [, kind, written = ""] = entry;
    const value = written.startsWith('"') ? (JSON.parse(written) as string) : written;
    if (kind === "DNS") names.dns.push(value);
    else if (kind === "URI") names.uris.push(value);
  }
  return names;
}

/** The names that a server's certificate is chosen by, in lower case: its DNS names, else its common name. */
export function serverNames(certificate: X509Certificate): readonly string[] {
  const { dns } = alternativeNames(certificate);
  const common = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  const names = dns.length > 0 || common === undefined ? dns : [common];
  return names.map((name) => name.toLowerCase());
}

/** Who a caller has proved to be: its certificate was verified. */
export interface Proof {
  /** The value of `x-forwarded-client-cert`. */
  readonly forwarded: string;
  /** The value of `l5d-client-id`: the first URI or DNS name; "" where the certificate has none. */
  readonly id: string;
}
