// Troubles of a real ZooKeeper under traffic: not one request may fail for them.
import { missingForZooKeeper } from "../servers/zookeeper.ts";
import { missingForFaketime } from "../servers/zookeeper-jars.ts";
import { chaosSuite } from "./suite.ts";
import { startEnsembleRegistry, startZooKeeperRegistry } from "./zookeeper-registry.ts";

chaosSuite({
  registry: "ZooKeeper",
  missing: missingForZooKeeper() ?? missingForFaketime(),
  start: startZooKeeperRegistry,
});

chaosSuite({
  registry: "an ensemble of ZooKeeper",
  missing: missingForZooKeeper(),
  start: startEnsembleRegistry,
  only: ["is killed and started again", "is frozen", "is started anew, server by server"],
});
