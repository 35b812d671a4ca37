/** TLS in the short form: towards callers under `listen`, towards instances beside a target; and what it stands for. */
import type { Infer } from "./compound-fields.ts";
import { s } from "./schema.ts";

const cert = s.string({ doc: "A PEM file with the certificate, and those that lead from it to a root." });
const key = s.string({ doc: "A PEM file with the key of the certificate, without a passphrase." });

export const listenTls = s.object(
  {
    cert,
    key,
    certificates: s.list(s.object({ cert, key }), {
      default: [],
      doc: "More certificates, each for callers that ask by SNI for one of its names.",
    }),
    ca: s.optional(s.string({ doc: "A PEM file with the roots that sign callers' certificates." })),
    clientAuth: s.optional(
      s.oneOf(["optional", "required"], { doc: "Whether callers must show one; `required` if not said and `ca` is." }),
    ),
  },
  {
    check: ({ ca, clientAuth }) =>
      clientAuth !== undefined && ca === undefined
        ? [{ at: ["clientAuth"], key: true, message: "`clientAuth` has no roots to go by", expected: "`ca` beside it" }]
        : [],
    doc: "Serves over TLS; the files are read again when they change.",
  },
);

/** `false` stands above what is said for all routes. */
export const instanceTls = s.either(
  [
    s.boolean(),
    s.object(
      {
        name: s.optional(s.string({ doc: "The name that instances must prove." })),
        ca: s.optional(
          s.string({ doc: "A PEM file with the roots that sign instances' certificates; the system's if not said." }),
        ),
        cert: s.optional(s.string({ doc: "A PEM file with the certificate that is shown to them; none if not said." })),
        key: s.optional(s.string({ doc: "A PEM file with the key of that certificate." })),
        insecure: s.boolean({
          default: false,
          doc: "Takes any certificate, so that anybody may stand between; for tests.",
        }),
      },
      {
        check({ cert: own, key: ownKey }) {
          if ((own === undefined) === (ownKey === undefined)) return [];
          const missing = own === undefined ? "cert" : "key";
          return [{ at: [], message: `\`${missing}\` is missing`, expected: "`cert` and `key`, or none of them" }];
        },
      },
    ),
  ],
  { doc: "Calls instances over TLS, which must prove `name`; `false` in plain text, where all others are not." },
);

/** `tls` of a server. */
export function serverTlsOf({ cert: certPath, key: keyPath, ...more }: Infer<typeof listenTls>): object {
  const { ca, certificates, clientAuth = "required" } = more;
  const others = certificates.map((pair) => ({ certPath: pair.cert, keyPath: pair.key }));
  return {
    certPath,
    keyPath,
    ...(others.length === 0 ? {} : { certificates: others }),
    ...(ca === undefined ? {} : { caCertPath: ca, clientAuth }),
  };
}

/** `tls` of a client. */
export function clientTlsOf(tls: Infer<typeof instanceTls>): object {
  if (typeof tls === "boolean") return { enabled: tls };
  const { name, ca, cert: certPath, key: keyPath, insecure } = tls;
  return {
    ...(name === undefined ? {} : { commonName: name }),
    ...(ca === undefined ? {} : { trustCertsBundle: ca }),
    ...(certPath === undefined || keyPath === undefined ? {} : { clientAuth: { certPath, keyPath } }),
    ...(insecure ? { disableValidation: true } : {}),
  };
}
