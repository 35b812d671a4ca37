/** Where an agent is, and how it is called over TLS, from the keys of the configuration. */
import { type ClientTlsConfig, type HttpOrigin, httpTlsOf } from "linkspan/plugin";

export interface AgentPlace {
  readonly host: string;
  readonly port: number;
  readonly tls: ClientTlsConfig | undefined;
}

/** `baseDir` is where relative paths of files begin. */
export function agentOrigin({ host, port, tls }: AgentPlace, baseDir: string): HttpOrigin {
  // As Finagle wrote it: the ports that go without saying are not said.
  const standard = port === (tls?.enabled === true ? 443 : 80);
  const authority = standard ? { authority: host.includes(":") ? `[${host}]` : host } : {};
  return { host, port, ...authority, ...httpTlsOf(tls, baseDir) };
}
