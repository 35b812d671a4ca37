/** A configuration in one thread, on ports and addresses that no other test has. */
import type { Config } from "../../src/config/config.ts";

export function onFreePorts(config: Config): Config {
  const routers = config.routers.map((router) => ({
    ...router,
    servers: router.servers.map((server) => ({ ...server, ip: "127.0.0.1", port: 0 })),
  }));
  const { httpIdentifierPort } = config.admin;
  const beside = httpIdentifierPort === undefined ? {} : { httpIdentifierPort: 0 };
  const admin = { ...config.admin, ...beside, ip: "127.0.0.1", port: 0 };
  return { ...config, routers, admin, workers: 0, shutdownGraceMs: 500, lastCallMs: 10 };
}
