/** Writes objects to a Kubernetes API server, for tests: plain HTTPS and JSON, and nothing of what is under test. */
import { Agent, request } from "node:https";
import { text as textOf } from "node:stream/consumers";

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** An answer that is no success. */
export class KubernetesRefused extends Error {
  override readonly name = "KubernetesRefused";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Where objects of a kind stand. */
const PLURALS: Readonly<Record<string, string>> = {
  ClusterRole: "clusterroles",
  ClusterRoleBinding: "clusterrolebindings",
  ConfigMap: "configmaps",
  EndpointSlice: "endpointslices",
  Endpoints: "endpoints",
  Ingress: "ingresses",
  Lease: "leases",
  Namespace: "namespaces",
  Node: "nodes",
  Pod: "pods",
  Role: "roles",
  RoleBinding: "rolebindings",
  Secret: "secrets",
  Service: "services",
  ServiceAccount: "serviceaccounts",
};
const ANSWER_MS = 10_000;

export class KubernetesAdmin implements AsyncDisposable {
  readonly #port: number;
  readonly #token: string;
  readonly #agent: Agent;

  constructor(port: number, ca: Buffer, token: string) {
    this.#port = port;
    this.#token = token;
    this.#agent = new Agent({ keepAlive: true, ca, maxSockets: 8 });
  }

  /** `besides` are checks that may fail. */
  async isReady(besides: readonly string[] = []): Promise<boolean> {
    return this.send("GET", `/readyz?${besides.map((check) => `exclude=${check}`).join("&")}`).then(
      () => true,
      () => false,
    );
  }

  get(object: KubeObject): Promise<Record<string, unknown>> {
    return this.send("GET", placeOf(object)) as Promise<Record<string, unknown>>;
  }

  /** What is there already is written anew, over whatever was written meanwhile. */
  async put(object: KubeObject): Promise<void> {
    const place = placeOf(object);
    try {
      await this.send("POST", place.slice(0, place.lastIndexOf("/")), object);
    } catch (error) {
      if (!(error instanceof KubernetesRefused) || error.status !== 409) throw error;
      await this.send("PUT", place, object);
    }
  }

  /** Merges (RFC 7396) into the object, or into its `subresource`. */
  async patch(object: KubeObject, change: object, subresource?: string): Promise<void> {
    const place = placeOf(object) + (subresource === undefined ? "" : `/${subresource}`);
    await this.send("PATCH", place, change, "application/merge-patch+json");
  }

  /** It may be gone already. */
  async delete(object: KubeObject): Promise<void> {
    try {
      await this.send("DELETE", placeOf(object), { gracePeriodSeconds: 0 });
    } catch (error) {
      if (!(error instanceof KubernetesRefused) || error.status !== 404) throw error;
    }
  }

  /** Deletes all objects of a kind in a namespace that have the label. */
  async deleteAll(like: KubeObject, labelSelector: string): Promise<void> {
    const place = placeOf(like);
    const list = place.slice(0, place.lastIndexOf("/"));
    await this.send("DELETE", `${list}?labelSelector=${encodeURIComponent(labelSelector)}`, {});
  }

  /** A token of a service account that the API server signs; it is good while `secret` is there. */
  async issueToken(namespace: string, account: string, secret?: string): Promise<string> {
    const boundObjectRef =
      secret === undefined ? {} : { boundObjectRef: { apiVersion: "v1", kind: "Secret", name: secret } };
    const place = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { ...boundObjectRef } };
    const answer = (await this.send("POST", place, body)) as { status: { token: string } };
    return answer.status.token;
  }

  /** Rejects with KubernetesRefused when the answer is no success. */
  async send(method: string, path: string, body?: object, type = "application/json"): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const text = body === undefined ? "" : JSON.stringify(body);
    const about = { "content-type": type, "content-length": Buffer.byteLength(text) };
    const headers = { authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : about) };
    const sent = request({ host: "127.0.0.1", port: this.#port, path, method, agent: this.#agent, headers });
    sent.setTimeout(ANSWER_MS, () => sent.destroy(new Error(`${method} ${path}: no answer`)));
    sent.once("error", reject);
    sent.once("response", (answer) => {
      const status = answer.statusCode ?? 0;
      textOf(answer).then((read) => {
        if (status >= 300) reject(new KubernetesRefused(status, `${method} ${path}: ${status} ${read}`));
        else resolve(answer.headers["content-type"]?.startsWith("application/json") === true ? JSON.parse(read) : read);
      }, reject);
    });
    sent.end(text);
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
  }
}

function placeOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `${root}${within}/${PLURALS[kind] ?? kind}/${name}`;
}
