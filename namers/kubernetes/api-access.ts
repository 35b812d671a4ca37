/** How one API server is reached, and as whom: the interface, and plain HTTP without credentials. */
import type { HttpAnswer, HttpRequest, PluginContext } from "linkspan/plugin";

/** Connections to one API server, which is asked as one user. */
export interface ApiAccess extends AsyncDisposable {
  /** Where it is, for people. */
  readonly shown: string;
  /** The namespace that the credentials speak of, where they do. */
  readonly namespace: string | undefined;
  /** Whether the last answer came where it is noticed soon that nobody is there any more, however silent the server is. */
  readonly isProbed: boolean;
  /** Sends with credentials; on a 401 they are made anew for the next try. */
  request(request: HttpRequest): Promise<HttpAnswer>;
}

/** Makes an access with connections of its own; it connects with its first request. Who calls it closes what it made. */
export type OpenAccess = () => ApiAccess;

export interface PlainOptions {
  readonly host: string;
  readonly port: number;
}

/** Each watch takes a connection for itself, beside those that lists and reads take. */
export const MOST_CONNECTIONS = 2_048;

/** Plain HTTP and no credentials, as `kubectl proxy` takes it. */
export function plainAccess({ host, port }: PlainOptions, { http }: Pick<PluginContext, "http">): ApiAccess {
  const client = http.open({ host, port, maxConnections: MOST_CONNECTIONS });
  return {
    shown: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace: undefined,
    isProbed: false,
    request: (request) => client.request(request),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
