/** Connections to one API server: where it is and who asks is looked up for each request. */
import { createHash } from "node:crypto";
import type { Http, HttpAnswer, HttpClient, HttpProxy, HttpRequest, HttpTls } from "linkspan/plugin";
import { type ApiAccess, MOST_CONNECTIONS } from "./api-access.ts";
import type { Cluster, Credentials, ProxyPlace, Target, TargetSource } from "./access-target.ts";

/** Somebody who is silent is noticed within 4 s, as bookmarks, of which there is one a minute, never could show it. */
const MULTIPLEXED = { pingMs: 2_000, pingTimeoutMs: 2_000 };

export class AccessClient implements ApiAccess {
  readonly #source: TargetSource;
  readonly #http: Http;
  #opened: { readonly key: string; readonly client: HttpClient } | undefined;
  #namespace: string | undefined;
  #isProbed = false;
  #isClosed = false;

  /** `namespace` is what is known of it before the first request. */
  constructor(source: TargetSource, http: Http, namespace: string | undefined) {
    this.#source = source;
    this.#http = http;
    this.#namespace = namespace;
  }

  get shown(): string {
    return this.#source.shown;
  }

  get namespace(): string | undefined {
    return this.#namespace;
  }

  get isProbed(): boolean {
    return this.#isProbed;
  }

  async request(request: HttpRequest): Promise<HttpAnswer> {
    const target = await this.#source.current();
    this.#namespace = target.namespace;
    const credentials = await target.credentials.current(request.signal);
    if (this.#isClosed) throw new Error(`the access to ${this.shown} is closed`);
    const client = await this.#clientOf(target, credentials);
    const { authorization } = credentials;
    const answer = await client.request({
      ...request,
      path: `${target.cluster.basePath}${request.path}`,
      headers: {
        ...request.headers,
        ...(authorization === undefined ? {} : { authorization: authorization.reveal() }),
      },
    });
    this.#isProbed = answer.isProbed;
    if (answer.status === 401) target.credentials.refused(credentials);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#opened?.client[Symbol.asyncDispose]();
    this.#opened = undefined;
  }

  /**
   * The connections that were made to another place, or with another certificate, are closed: an API server believes
   * a certificate for as long as a connection lasts, and whoever was asking asks again.
   */
  async #clientOf({ cluster }: Target, credentials: Credentials): Promise<HttpClient> {
    const key = keyOf(cluster, credentials);
    if (this.#opened?.key === key) return this.#opened.client;
    const old = this.#opened?.client;
    const client = this.#http.open({
      host: cluster.host,
      port: cluster.port,
      maxConnections: MOST_CONNECTIONS,
      multiplexed: MULTIPLEXED,
      ...(cluster.isSecure ? { tls: () => tlsOf(cluster, credentials) } : {}),
      ...(cluster.proxy === undefined ? {} : { proxy: revealed(cluster.proxy) }),
    });
    this.#opened = { key, client };
    await old?.[Symbol.asyncDispose]();
    return client;
  }
}

async function tlsOf(cluster: Cluster, { certificate }: Credentials): Promise<HttpTls> {
  const { ca, serverName, disableValidation } = cluster;
  return {
    ...(ca === undefined ? {} : { ca: await ca() }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key.reveal() }),
    disableValidation,
  };
}

function revealed({ host, port, isSecure, authorization }: ProxyPlace): HttpProxy {
  return {
    host,
    port,
    ...(authorization === undefined ? {} : { authorization: authorization.reveal() }),
    ...(isSecure ? { tls: () => ({}) } : {}),
  };
}

/** Equal where a connection may serve both. Whom to trust is not in it: that is asked at each new connection. */
function keyOf(
  { host, port, isSecure, serverName, disableValidation, proxy }: Cluster,
  { certificate }: Credentials,
): string {
  const through = proxy === undefined ? [] : [proxy.host, proxy.port, proxy.isSecure, proxy.authorization?.reveal()];
  const shows = certificate === undefined ? [] : [certificate.cert, certificate.key.reveal()];
  const parts = [host, port, isSecure, serverName, disableValidation, through, shows];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}
