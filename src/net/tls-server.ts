/** What a server shows its callers: one certificate or several, chosen by the name that a caller asks for. */
import type { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import {
  CertificateError,
  type Pair,
  type PairFiles,
  type ReadFile,
  readCertificates,
  readPair,
  serverNames,
} from "../base/certificates.ts";
import { type SuiteOptions, suiteSettings } from "../base/cipher-suites.ts";

export type ClientAuth = "none" | "optional" | "required";

export interface ServerTlsOptions extends SuiteOptions {
  /** At least one; the first is for callers that name no server, or one that is not known. */
  readonly pairs: readonly PairFiles[];
  /** Who may have signed the certificates of callers; the system's roots if not said. */
  readonly caCertPath?: string;
  readonly clientAuth: ClientAuth;
}

/** What the files make, all at once. */
export interface ServerIdentity {
  /** For `tls.Server.setSecureContext`. */
  readonly standard: SecureContextOptions;
  readonly leaves: readonly X509Certificate[];
  /** The context for a server name; `undefined`: the standard one. */
  contextFor(serverName: string): SecureContext | undefined;
}

/** Sessions are resumed only where it is the same; keys of tickets are each context's own. */
const SESSION_ID_CONTEXT = "linkspan";

/** Throws a CertificateError. */
export function readServerIdentity(options: ServerTlsOptions, read: ReadFile): ServerIdentity {
  const { pairs, caCertPath, clientAuth } = options;
  const identities = pairs.map((files) => ({ files, pair: readPair(files, read) }));
  const [first] = identities;
  if (first === undefined) throw new Error("a TLS server has at least one certificate");
  const trust = clientAuth === "none" || caCertPath === undefined ? {} : { ca: readTrust(caCertPath, read) };
  const common = { ...suiteSettings(options), ...trust, sessionIdContext: SESSION_ID_CONTEXT, honorCipherOrder: true };
  const names = new Map<string, SecureContext>();
  for (const { files, pair } of identities) {
    const context = contextOf(files, pair, common);
    for (const name of serverNames(pair.leaf)) if (!names.has(name)) names.set(name, context);
  }
  return {
    standard: { ...common, cert: first.pair.chain, key: first.pair.key },
    leaves: identities.map(({ pair }) => pair.leaf),
    contextFor(serverName) {
      const name = serverName.toLowerCase();
      return names.get(name) ?? names.get(`*${name.slice(Math.max(0, name.indexOf(".")))}`);
    },
  };
}

function contextOf(files: PairFiles, { chain, key }: Pair, common: SecureContextOptions): SecureContext {
  try {
    return createSecureContext({ ...common, cert: chain, key });
  } catch (error) {
    const reason = error instanceof Error && "reason" in error ? String(error.reason) : "refused by OpenSSL";
    throw new CertificateError(files.certPath, `${files.certPath} cannot be used for TLS: ${reason}`);
  }
}

/** The PEM of a file with at least one certificate. Throws a CertificateError. */
export function readTrust(path: string, read: ReadFile): Buffer {
  const pem = read(path);
  readCertificates(path, pem);
  return pem;
}
