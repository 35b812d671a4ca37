/** Links what checks the endpoints of one cluster: over the transport of its client, by what the configuration says. */
import { Scope } from "./base/scope.ts";
import { transportFor } from "./client-linker.ts";
import type { Checker } from "./cluster/health/check.ts";
import { GrpcQuestion, HttpQuestion, type Question } from "./cluster/health/question.ts";
import { TransportChecker } from "./cluster/health/transport-checker.ts";
import type { ClientConfig, RouterConfig } from "./config/config.ts";
import { Layout } from "./http/exchange.ts";
import type { World } from "./naming-root.ts";
import type { Path } from "./naming/path.ts";
import { Sweeper } from "./net/sweeper.ts";
import { ClientTlsTable, type TlsPlace } from "./tls-linker.ts";

/** What checkers of one router's clusters share, while there is one. */
export interface CheckerTls {
  readonly table: ClientTlsTable;
  readonly scope: Scope;
  users: number;
}

export interface CheckerParts {
  readonly world: World;
  readonly bug: (error: unknown) => void;
  /** Relative paths of files start here. */
  readonly baseDir: string;
  /** Certificates are read once for a router, however many of its clusters are checked. */
  readonly tls: Map<RouterConfig, CheckerTls>;
}

export function openChecker(
  id: Path,
  router: RouterConfig,
  config: ClientConfig,
  { world, bug, baseDir, tls: tables }: CheckerParts,
  owner: Scope,
): Checker {
  const { clock } = world;
  const protocol = config.healthCheck?.kind === "grpc" ? "h2" : config.protocol;
  const client: ClientConfig = { ...config, protocol, connectTimeoutMs: config.healthCheck?.timeout ?? 0 };
  const sweeper = owner.own(new Sweeper(clock));
  const tls = sharedTls(tables, router, { world, baseDir, router: router.label }, owner);
  const securing = tls.securingFor(id, config, protocol === "h2" ? "h2" : "http/1.1");
  const question = questionOf(client);
  return new TransportChecker({
    transport: transportFor(router, client, { world, bug, sweeper }, securing),
    clock,
    layout: new Layout(),
    timeoutMs: client.connectTimeoutMs,
    ...(question === undefined ? {} : { question }),
  });
}

/** The last of the owners takes it along. */
function sharedTls(tables: CheckerParts["tls"], router: RouterConfig, place: TlsPlace, owner: Scope): ClientTlsTable {
  const shared = tables.get(router) ?? openTls(router, place);
  tables.set(router, shared);
  shared.users++;
  owner.defer(() => {
    shared.users--;
    if (shared.users > 0) return;
    tables.delete(router);
    return shared.scope.close();
  });
  return shared.table;
}

function openTls(router: RouterConfig, place: TlsPlace): CheckerTls {
  const scope = new Scope();
  try {
    return { table: new ClientTlsTable(router, place, scope), scope, users: 0 };
  } catch (error) {
    void scope.close();
    throw error;
  }
}

function questionOf({ healthCheck, protocol }: ClientConfig): Question | undefined {
  if (healthCheck?.kind === "http") return new HttpQuestion(healthCheck.path, protocol);
  return healthCheck?.kind === "grpc" ? new GrpcQuestion(healthCheck.service) : undefined;
}
