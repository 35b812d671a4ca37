// Starts on real servers of ZooKeeper, Consul and DNS: whichever comes first, the first success is soon.
import { missingForConsul } from "../servers/consul.ts";
import { missingForDnsmasq } from "../servers/dnsmasq.ts";
import { missingForZooKeeper } from "../servers/zookeeper.ts";
import { consulStartRegistry, dnsStartRegistry, zooKeeperStartRegistry } from "./start-registry.ts";
import { startSuite } from "./start-suite.ts";

startSuite({ registry: "ZooKeeper", missing: missingForZooKeeper(), start: zooKeeperStartRegistry });
startSuite({ registry: "Consul", missing: missingForConsul(), start: consulStartRegistry });
startSuite({ registry: "a name server", missing: missingForDnsmasq(), start: dnsStartRegistry });
