// Troubles of a real Consul under traffic: not one request may fail for them.
import { missingForConsul } from "../servers/consul.ts";
import { missingForStaticClock } from "../servers/static-clock.ts";
import { startConsulClusterRegistry, startConsulRegistry } from "./consul-registry.ts";
import { chaosSuite } from "./suite.ts";

chaosSuite({
  registry: "Consul",
  missing: missingForConsul() ?? missingForStaticClock(),
  start: startConsulRegistry,
  without: {
    expire: "blocking queries have no session",
  },
});

chaosSuite({
  registry: "a cluster of Consul servers",
  missing: missingForConsul(),
  start: startConsulClusterRegistry,
  only: ["is started anew, server by server"],
});
