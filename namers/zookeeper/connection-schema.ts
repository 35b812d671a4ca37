/** The keys by which every plugin on ZooKeeper is told of its servers. */
import { type Infer, s, type Secret } from "linkspan/plugin";

/** Of a ZooKeeper server. */
export const serverHost = s.string({ doc: "A ZooKeeper server; all addresses of the name are tried." });

const server = s.object({ host: serverHost, port: s.port({ doc: "Its client port.", default: 2181 }) });

/** Either is enough, and one of them must be there. */
const password = {
  password: s.optional(s.secret({ doc: "In the file itself." })),
  passwordFile: s.optional(
    s.string({ doc: "The file that holds it, in one line; read anew for each connection. Instead of `password`." }),
  ),
};

interface Passwords {
  readonly password?: Secret;
  readonly passwordFile?: string;
}

const onePassword = ({ password: written, passwordFile }: Passwords) =>
  (written === undefined) === (passwordFile === undefined)
    ? [{ at: [], message: "exactly one of `password` and `passwordFile` is needed" }]
    : [];

const auth = s.object(
  {
    scheme: s.string({ doc: "What the servers call it.", default: "digest" }),
    user: s.optional(s.string({ doc: "Whose password it is." })),
    ...password,
    value: s.optional(
      s.secret({ doc: "The whole credential, such as `user:password`, instead of `user` and a password." }),
    ),
  },
  {
    check(entry) {
      const { user, value } = entry;
      if (value === undefined && user !== undefined) return onePassword(entry);
      const others = user !== undefined || entry.password !== undefined || entry.passwordFile !== undefined;
      if (value !== undefined && !others) return [];
      return [{ at: [], message: "credentials are `user` and a password, or `value`" }];
    },
  },
);

const tls = s.object(
  {
    enabled: s.boolean({ default: true, doc: "`false` connects in plain text." }),
    disableValidation: s.boolean({
      default: false,
      doc: "Takes any certificate, so that anybody may stand between; for tests.",
    }),
    commonName: s.optional(
      s.string({ doc: "The name that every server's certificate must prove; each server's own `host` if not said." }),
    ),
    trustCertsBundle: s.optional(
      s.string({ doc: "A PEM file with the roots that sign the servers' certificates; the system's if not said." }),
    ),
    trustCerts: s.optional(
      s.list(s.string(), { least: 1, doc: "The same as several files; `trustCertsBundle` is newer." }),
    ),
    clientAuth: s.optional(
      s.object(
        {
          certPath: s.string({ doc: "A PEM file with the certificate, and those that lead from it to a root." }),
          keyPath: s.string({ doc: "A PEM file with the key of the certificate, without a passphrase." }),
          intermediateCertsPath: s.optional(s.string({ doc: "A PEM file with the certificates that lead to a root." })),
        },
        { doc: "The certificate that is shown to servers, which know the client by it." },
      ),
    ),
    protocols: s.list(s.oneOf(["TLSv1.2", "TLSv1.3"]), {
      default: [],
      doc: "Versions of TLS; TLSv1.2 and TLSv1.3 if none is said.",
    }),
  },
  {
    doc: "Connects over TLS; the files are read anew for each connection.",
    check({ disableValidation, clientAuth, trustCerts, trustCertsBundle }) {
      if (disableValidation && clientAuth !== undefined) {
        const message = "`clientAuth` cannot stand beside `disableValidation: true`: it would be shown to anybody";
        return [{ at: ["clientAuth"], key: true, message }];
      }
      if (trustCerts === undefined || trustCertsBundle === undefined) return [];
      return [{ at: ["trustCerts"], key: true, message: "`trustCerts` cannot stand beside `trustCertsBundle`" }];
    },
  },
);

/** `readOnly`, which a plugin that always took such servers has on by default. */
export const readOnlyKey = (byDefault: boolean) =>
  s.boolean({
    default: byDefault,
    doc: "Whether a server that has lost its quorum will do for reading while no other is found.",
  });

/** To be spread into the schema of a plugin; `zkOptions` makes of them what the client is given. */
export const connection = {
  zkAddrs: s.either([s.list(server, { least: 1 }), s.string()], {
    doc: "The servers: a list of host and port, or a connect string such as `zk1:2181,zk2:2181/chroot`.",
  }),
  sessionTimeoutMs: s.integer({ doc: "Session timeout to ask for, in ms.", min: 100, default: 10_000 }),
  readOnly: readOnlyKey(false),
  auth: s.list(auth, { doc: "Credentials given to each connection.", default: [] }),
  sasl: s.optional(
    s.object(
      { user: s.string({ doc: "Who this is to the servers." }), ...password },
      { doc: "Proves a password to each server by SASL (DIGEST-MD5), before anything else.", check: onePassword },
    ),
  ),
  tls: s.optional(tls),
};

const whole = s.object(connection);

export type ConnectionConfig = Infer<typeof whole>;
