/** `tls` of servers and of clients, with Linkerd 1's keys. */
import type { PairFiles } from "../base/certificates.ts";
import { openSslName } from "../base/cipher-suites.ts";
import type { Infer, ObjectOf } from "./compound-fields.ts";
import type { SchemaProblem } from "./plugin.ts";
import { s } from "./schema.ts";

const gone = (name: string): string => `${name} is broken and not served; say TLSv1.2 or TLSv1.3`;

const protocols = s.list(
  s.oneOf(["TLSv1.2", "TLSv1.3"], {
    refused: { TLSv1: gone("TLSv1"), "TLSv1.1": gone("TLSv1.1"), SSLv3: gone("SSLv3"), SSLv2: gone("SSLv2") },
  }),
  { default: [], doc: "Versions of TLS; TLSv1.2 and TLSv1.3 if none is said." },
);

const cipher = s.text({
  expected: "a cipher suite by its IANA or OpenSSL name, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  parse(text) {
    const name = openSslName(text);
    if (name === undefined) throw new Error(`${JSON.stringify(text)} is no cipher suite that is known here`);
    return name;
  },
});

const pair = {
  certPath: s.string({ doc: "A PEM file with the certificate, and those that lead from it to a root." }),
  keyPath: s.string({ doc: "A PEM file with the key of the certificate, without a passphrase." }),
  intermediateCertsPath: s.optional(s.string({ doc: "A PEM file with the certificates that lead to a root." })),
};

const serverKeys = {
  certPath: s.optional(pair.certPath),
  keyPath: s.optional(pair.keyPath),
  intermediateCertsPath: pair.intermediateCertsPath,
  certificates: s.list(s.object(pair), {
    default: [],
    doc: "More certificates, each for callers that ask by SNI for one of its names.",
  }),
  caCertPath: s.optional(s.string({ doc: "A PEM file with the roots that sign callers' certificates." })),
  requireClientAuth: s.boolean({ default: false, doc: "Whether callers must show a certificate." }),
  clientAuth: s.optional(
    s.oneOf(["none", "optional", "required"], {
      doc: "Whether callers are asked for a certificate, which must be valid if shown; `optional` if not said and `caCertPath` is.",
    }),
  ),
  ciphers: s.list(cipher, { default: [], doc: "Cipher suites; modern ones if none is said." }),
  protocols,
};

/** `tls` of a server; absent without TLS. */
export const serverTls = s.optional(
  s.object(serverKeys, { check: checkServer, doc: "Serves over TLS; the files are read again when they change." }),
);

function checkServer(tls: ObjectOf<typeof serverKeys>): readonly SchemaProblem[] {
  const { certPath, keyPath, certificates, caCertPath, requireClientAuth, clientAuth } = tls;
  const problems: SchemaProblem[] = [];
  if (certPath === undefined && keyPath === undefined && certificates.length === 0) {
    problems.push({ at: [], message: "a TLS server needs a certificate", expected: "`certPath` and `keyPath`" });
  } else if ((certPath === undefined) !== (keyPath === undefined)) {
    const missing = certPath === undefined ? "certPath" : "keyPath";
    problems.push({ at: [], message: `\`${missing}\` is missing`, expected: "`certPath` and `keyPath`" });
  }
  if (tls.intermediateCertsPath !== undefined && certPath === undefined) {
    const message = "`intermediateCertsPath` stands without a `certPath`";
    problems.push({ at: ["intermediateCertsPath"], key: true, message });
  }
  if (requireClientAuth && clientAuth !== undefined && clientAuth !== "required") {
    const message = `\`clientAuth: ${clientAuth}\` contradicts \`requireClientAuth: true\``;
    problems.push({ at: ["clientAuth"], message });
  }
  if (clientAuth === "none" && caCertPath !== undefined) {
    problems.push({ at: ["caCertPath"], key: true, message: "`caCertPath` has no use with `clientAuth: none`" });
  }
  return problems;
}

const clientKeys = {
  enabled: s.boolean({ default: true, doc: "`false` calls in plain text, for a prefix that is excepted." }),
  disableValidation: s.boolean({
    default: false,
    doc: "Takes any certificate, so that anybody may stand between; for tests.",
  }),
  commonName: s.optional(
    s.string({ doc: "The name that endpoints must prove; `{captures}` of the `prefix` beside it are put in." }),
  ),
  trustCertsBundle: s.optional(
    s.string({ doc: "A PEM file with the roots that sign endpoints' certificates; the system's if not said." }),
  ),
  trustCerts: s.optional(
    s.list(s.string(), { least: 1, doc: "The same as several files; `trustCertsBundle` is newer." }),
  ),
  clientAuth: s.optional(s.object(pair, { doc: "The certificate that is shown to endpoints that ask for one." })),
  protocols,
};

/** `tls` of a client; absent without TLS. */
export const clientTls = s.optional(
  s.object(clientKeys, {
    check: checkClient,
    refused: {
      kind: "`kind` is gone from `tls`: say `commonName`, or `disableValidation: true`",
      caCertPath: "`caCertPath` is now `trustCertsBundle`",
    },
    doc: "Calls endpoints over TLS; the files are read again when they change.",
  }),
);

function checkClient(tls: ObjectOf<typeof clientKeys>): readonly SchemaProblem[] {
  const { enabled, disableValidation, commonName, trustCerts, trustCertsBundle, clientAuth } = tls;
  const problems: SchemaProblem[] = [];
  if (!enabled) return problems;
  if (!disableValidation && commonName === undefined) {
    const expected = "`commonName`, the name in the endpoints' certificate";
    problems.push({
      at: [],
      message: "`tls` validates certificates and has no `commonName` to compare with",
      expected,
    });
  }
  if (disableValidation && clientAuth !== undefined) {
    const message = "`clientAuth` cannot stand beside `disableValidation: true`: it would be shown to anybody";
    problems.push({ at: ["clientAuth"], key: true, message });
  }
  if (trustCerts !== undefined && trustCertsBundle !== undefined) {
    const message = "`trustCerts` cannot stand beside `trustCertsBundle`";
    problems.push({ at: ["trustCerts"], key: true, message, expected: "one file, `trustCertsBundle`" });
  }
  return problems;
}

export type ClientAuth = "none" | "optional" | "required";
export type ServerTlsConfig = NonNullable<Infer<typeof serverTls>>;
export type ClientTlsConfig = NonNullable<Infer<typeof clientTls>>;

/** The certificates of a server, the standard one first. */
export function pairsOf({
  certPath,
  keyPath,
  intermediateCertsPath,
  certificates,
}: ServerTlsConfig): readonly PairFiles[] {
  if (certPath === undefined || keyPath === undefined) return certificates;
  const first = { certPath, keyPath, ...(intermediateCertsPath === undefined ? {} : { intermediateCertsPath }) };
  return [first, ...certificates];
}

export function clientAuthOf({ clientAuth, requireClientAuth, caCertPath }: ServerTlsConfig): ClientAuth {
  if (requireClientAuth) return "required";
  return clientAuth ?? (caCertPath === undefined ? "none" : "optional");
}

/** The files with the roots that a client trusts; none for the system's. */
export function trustOf({ trustCerts, trustCertsBundle }: ClientTlsConfig): readonly string[] {
  return trustCertsBundle === undefined ? (trustCerts ?? []) : [trustCertsBundle];
}
