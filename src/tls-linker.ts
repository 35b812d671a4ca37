/** Makes TLS of what the configuration says of it, for servers and for clients. */
import { resolve } from "node:path";
import type { PairFiles } from "./base/certificates.ts";
import type { MetricSpec } from "./base/metrics.ts";
import type { Scope } from "./base/scope.ts";
import { type ClientConfig, type RouterConfig, ruleFor } from "./config/config.ts";
import { clientAuthOf, type ClientTlsConfig, pairsOf, type ServerTlsConfig, trustOf } from "./config/tls-schema.ts";
import type { World } from "./naming-root.ts";
import type { Path } from "./naming/path.ts";
import type { ListenerOptions } from "./net/listener.ts";
import { TlsAcceptor } from "./net/tls-acceptor.ts";
import { ClientTls } from "./net/tls-client.ts";
import type { Securing } from "./net/tls-dial.ts";
import { TlsFiles } from "./net/tls-files.ts";
import { readServerIdentity, type ServerIdentity } from "./net/tls-server.ts";

export const serverHandshakes: MetricSpec = {
  name: "linkspan_server_tls_handshakes_total",
  type: "counter",
  help: "TLS handshakes with callers: ok, resumed (ok, of a session from before), failed, late, or refused for their number.",
  labels: ["router", "server", "result"],
};

export const upstreamHandshakes: MetricSpec = {
  name: "linkspan_upstream_tls_handshakes_total",
  type: "counter",
  help: "TLS handshakes with endpoints: ok, resumed (ok, of a session from before), or failed.",
  labels: ["router", "result"],
};

type Accept = ListenerOptions["accept"];

export interface TlsPlace {
  readonly world: World;
  /** Relative paths of files start here. */
  readonly baseDir: string;
  readonly router: string;
}

export interface ServerTlsParts extends TlsPlace {
  /** As in metrics. */
  readonly server: string;
  /** What `accept` speaks, the preferred first. */
  readonly alpn: readonly string[];
  readonly accept: Accept;
}

/** What a listener calls: `parts.accept`, behind TLS if the server has it. Throws a CertificateError. */
export function secured(config: ServerTlsConfig | undefined, parts: ServerTlsParts, owner: Scope): Accept {
  return config === undefined ? parts.accept : secureServer(config, parts, owner);
}

function secureServer(config: ServerTlsConfig, parts: ServerTlsParts, owner: Scope): Accept {
  const { world, baseDir, router, server } = parts;
  const { clock, metrics } = world;
  const log = world.log.with({ router, server });
  const clientAuth = clientAuthOf(config);
  const { caCertPath, ciphers, protocols } = config;
  const trust = caCertPath === undefined ? {} : { caCertPath: resolve(baseDir, caCertPath) };
  const pairs = pairsOf(config).map((pair) => absolute(pair, baseDir));
  const files: TlsFiles<ServerIdentity> = owner.own(
    new TlsFiles({
      clock,
      make: (read) => readServerIdentity({ pairs, ...trust, clientAuth, ciphers, protocols }, read),
      reloaded: (identity) => {
        acceptor.use(identity);
        log.info("tls.reloaded", {
          files: pairs.map(({ certPath }) => certPath).join(", "),
          expires: expiryOf(identity),
        });
      },
      kept: (cause) => log.warn("tls.kept", { cause: cause.message }),
    }),
  );
  const counter = (result: string) => metrics.counter(serverHandshakes, { router, server, result }, owner);
  const counters = {
    ok: counter("ok"),
    resumed: counter("resumed"),
    failed: counter("failed"),
    late: counter("late"),
    refused: counter("refused"),
  };
  const { alpn, accept } = parts;
  const acceptor = new TlsAcceptor({ identity: files.value, clientAuth, alpn, accept, clock, log, counters });
  return acceptor.accept;
}

/** The client sides of a router: one for each `tls` in its configuration, however many clusters it is for. */
export class ClientTlsTable {
  readonly #router: RouterConfig;
  readonly #opened = new Map<ClientTlsConfig, ClientTls>();

  /** Throws a CertificateError. */
  constructor(router: RouterConfig, place: TlsPlace, owner: Scope) {
    this.#router = router;
    const said = [router.client.base, ...router.client.rules.map((rule) => rule.settings)];
    for (const { tls } of said) {
      if (tls?.enabled === true) this.#opened.set(tls, owner.own(openClient(tls, place, owner)));
    }
  }

  /** How the endpoints of a bound id are spoken to; `undefined`: in plain text. */
  securingFor(id: Path, { tls: config }: ClientConfig, alpn: Securing["alpn"]): Securing | undefined {
    const tls = config && this.#opened.get(config);
    if (config === undefined || tls === undefined) return undefined;
    const { commonName, disableValidation } = config;
    const rule = ruleFor(this.#router.client, "tls", id);
    const name = commonName === undefined ? undefined : (rule?.prefix.fill(commonName, id) ?? commonName);
    return { tls, name, validates: !disableValidation, alpn };
  }
}

function openClient(config: ClientTlsConfig, { world, baseDir, router }: TlsPlace, owner: Scope): ClientTls {
  const { clock, metrics } = world;
  const counter = (result: string) => metrics.counter(upstreamHandshakes, { router, result }, owner);
  const { clientAuth, protocols } = config;
  return new ClientTls(
    {
      trust: trustOf(config).map((path) => resolve(baseDir, path)),
      protocols,
      ...(clientAuth === undefined ? {} : { pair: absolute(clientAuth, baseDir) }),
    },
    {
      clock,
      log: world.log.with({ router }),
      counters: { ok: counter("ok"), resumed: counter("resumed"), failed: counter("failed") },
    },
  );
}

function absolute({ certPath, keyPath, intermediateCertsPath: more }: PairFiles, baseDir: string): PairFiles {
  const pair = { certPath: resolve(baseDir, certPath), keyPath: resolve(baseDir, keyPath) };
  return more === undefined ? pair : { ...pair, intermediateCertsPath: resolve(baseDir, more) };
}

/** When the first of its certificates expires. */
function expiryOf({ leaves }: ServerIdentity): string {
  return new Date(Math.min(...leaves.map((leaf) => leaf.validToDate.getTime()))).toISOString();
}
