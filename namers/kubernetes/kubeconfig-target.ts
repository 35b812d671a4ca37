/** From a cluster and a user of a kubeconfig to where to ask, and as whom. */
import {
  basic,
  bearer,
  CertificateFiles,
  combinedCredentials,
  fixedCredentials,
  TokenFile,
} from "./access-credentials.ts";
import { readBounded } from "./access-file.ts";
import { proxyFromEnvironment, readProxy } from "./access-proxy.ts";
import type { AccessWorld, Cluster, CredentialSource, HostFacts, Target } from "./access-target.ts";
import { checkExecVersion } from "./exec-credential.ts";
import { ExecCredentials } from "./exec-credentials.ts";
import type { KubeCluster, KubeUser, Pem } from "./kubeconfig.ts";

interface Parts {
  readonly cluster: KubeCluster;
  readonly user: KubeUser | undefined;
  readonly namespace: string | undefined;
  /** File and user, for what goes wrong with the credentials. */
  readonly whose: string;
}

/** Throws an Error that says which key is wrong. */
export function targetOf({ cluster, user, namespace, whose }: Parts, world: AccessWorld): Target {
  const credentials = user === undefined ? fixedCredentials({}) : credentialsOf(user, cluster, world);
  return { cluster: clusterOf(cluster, world.host), credentials: named(whose, credentials), namespace };
}

function clusterOf(cluster: KubeCluster, host: HostFacts): Cluster {
  const { server, ca, serverName, disableValidation, proxyUrl } = cluster;
  const url = URL.parse(server.includes("://") ? server : `http://${server}`);
  const isSecure = url?.protocol === "https:";
  if (url === null || (!isSecure && url.protocol !== "http:")) {
    throw new Error(`\`server\` is ${JSON.stringify(server)}; it must be a URL of http or https`);
  }
  if (disableValidation && ca !== undefined) {
    throw new Error("`insecure-skip-tls-verify` and `certificate-authority` contradict each other");
  }
  const place = {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (isSecure ? 443 : 80) : Number(url.port),
    isSecure,
  };
  return {
    ...place,
    basePath: url.pathname.replace(/\/+$/, ""),
    ca: ca === undefined ? undefined : () => textOf(ca),
    serverName,
    disableValidation,
    proxy: proxyUrl === undefined ? proxyFromEnvironment(place, host.env) : readProxy(proxyUrl, "`proxy-url`"),
  };
}

function credentialsOf(user: KubeUser, cluster: KubeCluster, world: AccessWorld): CredentialSource {
  const { token, tokenFile, login, exec, certificate } = user;
  const parts: CredentialSource[] = [];
  if (certificate !== undefined) {
    const cert = "text" in certificate.cert ? certificate.cert.text : certificate.cert;
    parts.push(new CertificateFiles({ cert, key: certificate.key }, world));
  }
  if (tokenFile !== undefined) parts.push(new TokenFile(tokenFile, world));
  else if (token !== undefined) parts.push(fixedCredentials({ authorization: bearer(token.reveal()) }));
  else if (login !== undefined) parts.push(fixedCredentials({ authorization: basic(login.username, login.password) }));
  else if (exec !== undefined) {
    checkExecVersion(exec.apiVersion);
    parts.push(new ExecCredentials(exec, cluster, { ...world, env: world.host.env }));
  }
  return combinedCredentials(parts);
}

function named(whose: string, source: CredentialSource): CredentialSource {
  return {
    async current(signal) {
      try {
        return await source.current(signal);
      } catch (error) {
        if (signal.aborted) throw error;
        throw new Error(`${whose}: ${(error as Error).message}`, { cause: error });
      }
    },
    refused: (used) => source.refused(used),
  };
}

function textOf(pem: Pem): Promise<string> {
  return "text" in pem ? Promise.resolve(pem.text) : readBounded(pem.file);
}
