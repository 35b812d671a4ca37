/** The way from a pod to its own cluster's API server: two variables of the environment, and the files of its service account. */
import { join } from "node:path";
import type { Clock, Log } from "linkspan/plugin";
import { TokenFile } from "./access-credentials.ts";
import { FreshFile } from "./access-file.ts";
import { proxyFromEnvironment } from "./access-proxy.ts";
import type { HostFacts, Target, TargetSource } from "./access-target.ts";

const NAMESPACE_AGE_MS = 60_000;

export class InClusterSource implements TargetSource {
  readonly #host: HostFacts;
  readonly #token: TokenFile;
  readonly #ca: FreshFile;
  readonly #namespace: FreshFile;

  constructor(host: HostFacts, world: { readonly clock: Clock; readonly log: Log }) {
    const folder = host.serviceAccountFolder;
    this.#host = host;
    this.#token = new TokenFile(join(folder, "token"), world);
    this.#ca = new FreshFile(join(folder, "ca.crt"), 0, world);
    this.#namespace = new FreshFile(join(folder, "namespace"), NAMESPACE_AGE_MS, world);
  }

  get shown(): string {
    const { host, port } = this.#place();
    return host === undefined ? "the API server of this pod's cluster" : `https://${bracketed(host)}:${port}`;
  }

  async current(): Promise<Target> {
    const { host, port } = this.#place();
    if (host === undefined) {
      const names = "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT";
      throw new Error(`this is no pod of Kubernetes: the variables ${names} are not set`);
    }
    return {
      cluster: {
        host,
        port,
        basePath: "",
        isSecure: true,
        ca: () => this.#ca.text(),
        serverName: undefined,
        disableValidation: false,
        proxy: proxyFromEnvironment({ host, port, isSecure: true }, this.#host.env),
      },
      credentials: this.#token,
      // An account may be mounted without it.
      namespace: await this.#namespace.text().then(
        (text) => text.trim() || undefined,
        () => undefined,
      ),
    };
  }

  #place(): { readonly host: string | undefined; readonly port: number } {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = this.#host.env;
    const number = Number(port);
    return host && Number.isInteger(number) && number > 0 ? { host, port: number } : { host: undefined, port: 0 };
  }
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
