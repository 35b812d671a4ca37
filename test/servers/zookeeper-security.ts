/** What a real ZooKeeper server is told so that it serves over TLS, or asks for a password by SASL. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Authority } from "./certificates.ts";
import { freePort } from "./free-port.ts";
import type { ZooKeeperOptions } from "./zookeeper.ts";

export interface SecureOptions extends Required<Pick<ZooKeeperOptions, "config" | "java">> {
  /** Where TLS is spoken, beside the plain port. */
  readonly securePort: number;
}

/** For one server; not for generation 3.4, which has no TLS of this kind. Files go to the authority's folder. */
export async function tlsOptions(authority: Authority, clientAuth: "need" | "want" = "need"): Promise<SecureOptions> {
  const securePort = await freePort();
  const { certPath, keyPath } = authority.issue(`zookeeper-${securePort}`, {
    commonName: "zk.example",
    names: ["DNS:zk.example", "DNS:localhost", "IP:127.0.0.1"],
  });
  const keyStore = join(authority.folder.path, `zookeeper-${securePort}.pem`);
  writeFileSync(keyStore, Buffer.concat([readFileSync(keyPath), readFileSync(certPath)]));
  // Java tells the kind of a store by the end of its name.
  const trustStore = join(authority.folder.path, "trust.pem");
  writeFileSync(trustStore, readFileSync(authority.caPath));
  const config = [
    `secureClientPort=${securePort}`,
    "secureClientPortAddress=127.0.0.1",
    "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory",
    `ssl.keyStore.location=${keyStore}`,
    "ssl.keyStore.type=PEM",
    `ssl.trustStore.location=${trustStore}`,
    "ssl.trustStore.type=PEM",
    `ssl.clientAuth=${clientAuth}`,
    "authProvider.x509=org.apache.zookeeper.server.auth.X509AuthenticationProvider",
  ];
  return { config, java: [], securePort };
}

/** Each of `users` may prove the password given; `folder` gets the file that says so. */
export function saslOptions(
  folder: string,
  users: Readonly<Record<string, string>>,
): Required<Pick<ZooKeeperOptions, "config" | "java">> {
  const file = join(folder, "jaas.conf");
  const entries = Object.entries(users).map(([user, password]) => `user_${user}="${password}"`);
  const module = "org.apache.zookeeper.server.auth.DigestLoginModule";
  writeFileSync(file, `Server { ${module} required ${entries.join(" ")}; };\n`);
  return {
    java: [`-Djava.security.auth.login.config=${file}`],
    config: ["authProvider.sasl=org.apache.zookeeper.server.auth.SASLAuthenticationProvider"],
  };
}
