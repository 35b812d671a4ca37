// Troubles of a real Consul under traffic: not one request may fail for them.
import { missingForConsul } from "../servers/consul.ts";
import { startConsulRegistry } from "./consul-registry.ts";
import { chaosSuite } from "./suite.ts";

chaosSuite({
  registry: "Consul",
  missing: missingForConsul(),
  start: startConsulRegistry,
  without: {
    expire: "blocking queries have no session",
    setClock: "faketime does not reach a static program",
  },
});
