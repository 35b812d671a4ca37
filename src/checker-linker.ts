/** Links what checks the endpoints of one cluster: over the transport of its client, by what the configuration says. */
import type { Scope } from "./base/scope.ts";
import { transportFor } from "./client-linker.ts";
import type { Checker } from "./cluster/health/check.ts";
import { GrpcQuestion, HttpQuestion, type Question } from "./cluster/health/question.ts";
import { TransportChecker } from "./cluster/health/transport-checker.ts";
import type { ClientConfig, RouterConfig } from "./config/config.ts";
import { Layout } from "./http/exchange.ts";
import type { World } from "./naming-root.ts";
import type { Path } from "./naming/path.ts";
import { Sweeper } from "./net/sweeper.ts";
import { ClientTlsTable } from "./tls-linker.ts";

export interface CheckerParts {
  readonly world: World;
  readonly bug: (error: unknown) => void;
  /** Relative paths of files start here. */
  readonly baseDir: string;
}

export function openChecker(
  id: Path,
  router: RouterConfig,
  config: ClientConfig,
  { world, bug, baseDir }: CheckerParts,
  owner: Scope,
): Checker {
  const { clock } = world;
  const protocol = config.healthCheck?.kind === "grpc" ? "h2" : config.protocol;
  const client: ClientConfig = { ...config, protocol, connectTimeoutMs: config.healthCheck?.timeout ?? 0 };
  const sweeper = owner.own(new Sweeper(clock));
  const tls = new ClientTlsTable(router, { world, baseDir, router: router.label }, owner);
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

function questionOf({ healthCheck, protocol }: ClientConfig): Question | undefined {
  if (healthCheck?.kind === "http") return new HttpQuestion(healthCheck.path, protocol);
  return healthCheck?.kind === "grpc" ? new GrpcQuestion(healthCheck.service) : undefined;
}
