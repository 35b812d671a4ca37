/** A service account on a real API server with what `deploy/kubernetes/rbac.yaml` gives it, and the files that its pods have. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { HostFacts } from "../../namers/kubernetes/access-target.ts";
import type { KubernetesServer } from "./kubernetes.ts";
import type { KubeObject } from "./kubernetes-admin.ts";
import { namespaceObject } from "./kubernetes-objects.ts";

const FILE = join(import.meta.dirname, "../../deploy/kubernetes/rbac.yaml");
const NAMESPACE = "linkspan";
const ACCOUNT = "linkspan";

export interface RbacRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What the file has, in its order. */
export function rbacObjects(): readonly KubeObject[] {
  return parseAllDocuments(readFileSync(FILE, "utf8")).map((document) => document.toJS() as KubeObject);
}

export function rbacRules(): readonly RbacRule[] {
  return rbacObjects().find(({ kind }) => kind === "ClusterRole")?.["rules"] as readonly RbacRule[];
}

export class KubernetesAccount {
  readonly #server: KubernetesServer;
  readonly #folder: string;
  #issued = 0;

  private constructor(server: KubernetesServer) {
    this.#server = server;
    this.#folder = join(server.folder, "serviceaccount");
  }

  /** Writes what the file has to the API server, and a first token. */
  static async on(server: KubernetesServer): Promise<KubernetesAccount> {
    const account = new KubernetesAccount(server);
    const namespaces = new Set(rbacObjects().flatMap(({ metadata: { namespace } }) => namespace ?? []));
    for (const each of namespaces) await server.admin.put(namespaceObject(each));
    for (const object of rbacObjects()) await server.admin.put(object);
    mkdirSync(account.#folder, { recursive: true });
    writeFileSync(join(account.#folder, "ca.crt"), readFileSync(server.caPath));
    writeFileSync(join(account.#folder, "namespace"), NAMESPACE);
    await account.rotateToken();
    return account;
  }

  /** Of a pod of the account, whose way to the API server leads to `port`. */
  hostFacts(port = this.#server.port): HostFacts {
    const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: `${port}` };
    return { env, home: this.#folder, serviceAccountFolder: this.#folder };
  }

  get token(): string {
    return readFileSync(join(this.#folder, "token"), "utf8");
  }

  /** A new token in the file. The one before is good until it is revoked. */
  async rotateToken(): Promise<void> {
    this.#issued++;
    await this.#server.admin.put(secretObject(this.#issued));
    const token = await this.#server.admin.issueToken(NAMESPACE, ACCOUNT, secretName(this.#issued));
    writeFileSync(join(this.#folder, "token"), token);
  }

  /** The newest; the API server may believe it for 10 s more. */
  async revokeToken(): Promise<void> {
    await this.#server.admin.delete(secretObject(this.#issued));
  }

  /** The account may do this and nothing else. */
  async allow(rules: readonly RbacRule[]): Promise<void> {
    const role = rbacObjects().find(({ kind }) => kind === "ClusterRole");
    if (role !== undefined) await this.#server.admin.put({ ...role, rules });
  }
}

const secretName = (number: number): string => `token-${number}`;

const secretObject = (number: number): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: secretName(number), namespace: NAMESPACE },
});
