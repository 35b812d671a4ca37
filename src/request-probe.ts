/** What a router takes a request for: one that nobody sent walks the server tier as any other, as far as to its name. */
import { MetricsRegistry } from "./base/metrics-registry.ts";
import { Scope } from "./base/scope.ts";
import type { Clock, Random } from "./base/time.ts";
import { headLimits } from "./client-linker.ts";
import { ClusterSlots } from "./cluster/slots.ts";
import type { Config, RouterConfig } from "./config/config.ts";
import { Exchange, Layout, type Responder, type Service } from "./http/exchange.ts";
import { HeaderList } from "./http/header-list.ts";
import { requestFailures } from "./http1/flaw.ts";
import { RequestHeadReader } from "./http1/request-head.ts";
import type { AskedRequest, Identified } from "./naming/asked-request.ts";
import { pluginContext, type World } from "./naming-root.ts";
import { PluginInstances } from "./plugin-instances.ts";
import type { Identifier } from "./router/identifier.ts";
import { defaultRouter } from "./router/params.ts";
import { RequestNaming } from "./router/request-naming.ts";
import { RouterSlots } from "./router/slots.ts";
import { openServerTier } from "./router/stacks.ts";
import { serverParams } from "./server-linker.ts";

export interface ProbeParts {
  readonly router: RouterConfig;
  /** The router's own, in the order of its configuration. */
  readonly identifiers: readonly Identifier[];
  readonly layout: Layout;
  readonly slots: RouterSlots;
  readonly clock: Clock;
  readonly random: Random;
}

const END = "\r\n\r\n";
const ABSOLUTE = /^(https?):\/\/([^/?]*)(.*)$/i;

export class RequestProbe {
  readonly #parts: ProbeParts;

  constructor(parts: ProbeParts) {
    this.#parts = parts;
  }

  /** As if it came to the router's first server, from this host. */
  async identify(asked: AskedRequest): Promise<Identified> {
    const { router, identifiers, layout, slots, clock, random } = this.#parts;
    const [server] = router.servers;
    if (router.protocol === "tcp" || server === undefined) {
      return { kind: "refused", message: `the router ${router.label} takes connections, and no requests` };
    }
    const end = new Ending(new RequestNaming(identifiers, slots.localDtab), router);
    const metrics = new MetricsRegistry();
    const label = { ...defaultRouter, label: router.label };
    const parts = { server: serverParams(server), router: label, next: end, slots, clock, random, metrics };
    await using tier = openServerTier(parts);
    const x = readExchange(asked, router, layout);
    if (typeof x === "string") return { kind: "refused", message: x };
    x.startedAt = clock.now();
    x.downstream = end;
    try {
      tier.service.dispatch(x);
      return end.identified;
    } catch (error) {
      return { kind: "refused", message: `a defect: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
}

/** Both ends of the way: where the tier leads to, and where it answers to when it refuses. */
class Ending implements Service, Responder {
  identified: Identified = { kind: "refused", message: "the request was not named" };
  readonly #naming: RequestNaming;
  readonly #router: RouterConfig;

  constructor(naming: RequestNaming, router: RouterConfig) {
    this.#naming = naming;
    this.#router = router;
  }

  dispatch(x: Exchange): void {
    const naming = this.#naming;
    const name = naming.key(x) === undefined ? naming.unknown() : naming.read(x);
    if ("code" in name) this.identified = { kind: "refused", message: name.message };
    else {
      const identifier = this.#router.identifiers[naming.at]?.kind ?? "";
      this.identified = { kind: "named", path: name.path.show, local: name.local.show, identifier };
    }
  }

  respond(x: Exchange): void {
    if (x.failure !== undefined) this.identified = { kind: "refused", message: x.failure.message };
  }

  finish(): void {
    // Nothing of it is kept.
  }
}

/** The exchange that the first line and the fields make, as the reader of HTTP/1 reads them; or why they make none. */
function readExchange(
  { method, target, headers }: AskedRequest,
  router: RouterConfig,
  layout: Layout,
): Exchange | string {
  const [, scheme = "http", authority, rest = ""] = ABSOLUTE.exec(target) ?? [];
  const hasHost = headers.some(([name]) => name.toLowerCase() === "host");
  const origin = authority === undefined ? target : rest.startsWith("/") ? rest : `/${rest}`;
  const host = authority === undefined || hasHost ? [] : [["Host", authority] as const];
  const fields = [...host, ...headers].map(([name, value]) => `\r\n${name}: ${value}`).join("");
  const bytes = Buffer.from(`${method} ${origin} HTTP/1.1${fields}${END}`, "latin1");
  const reader = new RequestHeadReader(headLimits(router));
  const flaw = reader.read(bytes, 0, bytes.length - END.length);
  if (flaw !== undefined) return requestFailures[flaw].message;
  const version = router.protocol === "h2" ? 20 : reader.version;
  const x = new Exchange(
    { version, method: reader.method, target: reader.target, headers: reader.headers },
    { version: 11, status: 0, reason: "", headers: new HeaderList() },
    layout,
  );
  x.remoteAddress = "127.0.0.1";
  x.scheme = scheme.toLowerCase() === "https" ? "https" : "http";
  return x;
}

/** As a router of that configuration would name it, where no router runs. Rejects with PluginNotCreated. */
export async function identifyBy(
  config: Config,
  router: RouterConfig,
  world: World,
  request: AskedRequest,
): Promise<Identified> {
  const scope = new Scope();
  try {
    const layout = new Layout();
    const slots = new RouterSlots(layout, new ClusterSlots(layout));
    const context = pluginContext(config, world, scope, { layout, dstPrefix: router.dstPrefix });
    const made = await PluginInstances.of("identifier", router.identifiers, context);
    const identifiers = router.identifiers.map((use) => made.get(use));
    const { clock, random } = world;
    return await new RequestProbe({ router, identifiers, layout, slots, clock, random }).identify(request);
  } finally {
    await scope.close();
  }
}
