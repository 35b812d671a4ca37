// What made people leave a router of old: stale, lost and empty endpoints, cause by cause; and the tests by which none comes back.
import { test } from "node:test";
import { assertHeld, type Promised } from "./promise.ts";

const troubles = "test/chaos/troubles.ts";
const wire = "test/contract/consul-wire.test.ts";
const outages = "src/testing/namer-outage-cases.ts";
const answers = "src/testing/namer-answer-cases.ts";
const updates = "src/testing/namer-update-cases.ts";
const changes = "src/testing/namer-change-cases.ts";
const start = "test/contract/start-order.test.ts";
const reflector = "test/unit/namers/kubernetes/reflector.test.ts";
const kubernetes = "test/unit/namers/kubernetes/service-namer.test.ts";
const curator = "test/unit/namers/zookeeper/curator-reader.test.ts";
const session = "test/contract/zookeeper-session.test.ts";
const ensemble = "test/integration/zookeeper-ensemble.test.ts";
const relist = "test/contract/zookeeper-relist.test.ts";
const dns = "test/unit/namers/dns-srv/namer.test.ts";
const http = "test/unit/outbound/multiplexed-client.test.ts";
const binder = "test/unit/threads/binder.test.ts";
const fallback = "test/e2e/fallback.test.ts";

const promises: readonly Promised[] = [
  [
    "a registry that was away is followed again",
    [troubles, "is stopped and started again"],
    [outages, "comes to its backend's view when that changed during an outage"],
    [outages, "follows changes after an outage"],
    [
      "test/unit/naming/namer-gauges.test.ts",
      "watches are counted by state, and stale and failed ones by the age of the oldest",
    ],
  ],
  [
    "a start before the registry's recovers by itself",
    [start, "is answered within 2 s of the start of a registry that came late"],
    [start, "is answered within 2 s of the last start of a registry that comes and goes"],
    [outages, "is ok by itself when its backend comes up later"],
  ],
  [
    "no wrong answer of Consul ends a watch",
    [wire, "a name is asked for anew, and not as fast as it is answered"],
    [wire, "an index that goes backwards begins anew, and loses nothing"],
    [wire, "takes nothing away, and is asked on"],
    [wire, "an answer of 20 MB is read"],
    [wire, "a connection that leads nowhere is found out, and everything is read again"],
  ],
  [
    "a registry that fails, or is restored empty, takes nothing away",
    [troubles, "is wiped, and restored within the hold"],
    [wire, "a token that loses its rights takes nothing away, however long it lasts"],
    ["test/unit/docs/guard-promise.test.ts", "every sentence of the promise has tests, and they are there"],
  ],
  [
    "no race of lists and watches loses a change in Kubernetes",
    [
      "test/property/kubernetes-reflection.test.ts",
      "sees the cluster as it is after any changes and troubles, and no re-list repairs anything",
    ],
    [reflector, "the re-list comes by itself, about every five minutes"],
    [
      reflector,
      "a re-list beside the watch sets right what no event told, counts it, and is silent where nothing differs",
    ],
  ],
  [
    "a version that is too old leads to a list, quietly",
    [reflector, "a version that is too old, told in a stream of 200, leads to a list with what was deleted meanwhile"],
    [reflector, "so does 410 as the answer to a watch, and in the middle of one"],
    [reflector, "it lists, watches from there with bookmarks, and follows what is added, changed and deleted"],
  ],
  [
    "an update is not lost on its way to those who serve",
    [binder, "a worker that has not acknowledged gets nothing more, and then only the newest"],
    [binder, "versions go on from what the worker knows of an earlier control thread"],
    [
      "test/property/threads.test.ts",
      "a worker ends up knowing what the control thread knows, through changes, restarts and slow answers",
    ],
  ],
  [
    "a connection that is half open is found out",
    [troubles, "is at the other end of connections that are half open"],
    [http, "closes a connection that answers no PING, which ends everything that is open on it"],
    [
      "test/unit/namers/zookeeper/connection.test.ts",
      "a connection pings after a third of the timeout without a request, and ends after two thirds without a byte",
    ],
    [reflector, "a watch that is silent for longer than bookmarks come apart is given up"],
  ],
  [
    "an update is never too large",
    ["test/property/http2-flow.test.ts", "every body comes back as it went, within all windows, and nothing stalls"],
    [reflector, "a long list comes in pages, and begins anew when the server has forgotten where it was"],
    [session, "20,000 watches are armed again in packets that a server accepts"],
    [answers, "names 50 services at once"],
  ],
  [
    "the loss of a session, of a server or of the quorum is nothing",
    [session, "an expired session is told, and a new one made"],
    [troubles, "ends the router's session"],
    [troubles, "is started anew, server by server"],
    [ensemble, "a session goes on at another server when its own is killed, frozen, or leads no more"],
    [ensemble, "a server without a quorum is read by who wants that, and left when the quorum is back"],
  ],
  [
    "watches neither leak nor storm",
    [relist, "are read again once after a cut, spread over a second"],
    [relist, "300 hosts that lost one server find it again within a second and a half, and not all at once"],
    [session, "a server that drops every connection is not stormed"],
    ["src/testing/namer-lifetime-cases.ts", "ends the watch when the last observer leaves"],
    ["test/unit/namers/zookeeper/curator-namer.test.ts", "all names share one session"],
  ],
  [
    "Curator's registrations are read whole, each for itself",
    [answers, "says neg for a name that its backend does not have"],
    [curator, "a node that cannot be read is left out and refused, until it can be read"],
    [curator, "an instance that is not enabled is withdrawn by sign"],
    [
      "test/unit/namers/zookeeper/curator-namer.test.ts",
      "an instance's URI template says its port, and its address shows what is wanted of it",
    ],
    ["test/integration/curator-java.test.ts", "the namer follows an unmodified Java Curator client"],
  ],
  [
    "addresses of host names live as long as their TTL",
    [dns, "a name is asked for again when its TTL is over, a second at least and refreshIntervalSeconds at most"],
    [dns, "a negative answer after a good one is held, and one before any is neg"],
    [dns, "a host whose server fails keeps the addresses that it had"],
    [
      "test/unit/naming/system-namers.test.ts",
      "a host is asked for again when its TTL is over, and trouble keeps what was known",
    ],
  ],
  [
    "where nobody can be called the next alternative is",
    [fallback, "takes over without a failed request when the service dies while it is held"],
    [fallback, "takes over without a failed request under load, however many instances die"],
    [outages, "never says neg for what it could not ask"],
  ],
  [
    "what was deleted is not served",
    [updates, "says that a service vanished, and binds it again when it returns"],
    ["src/testing/namer-guard-cases.ts", "holds a service that is gone as a whole, and then believes that"],
    [troubles, "is wiped for good, which is believed after the hold"],
  ],
  [
    "who is not ready is not called",
    [changes, "takes an instance out that says it is not ready, and in again when it is"],
    [changes, "never calls an instance that was not ready from its start"],
    [kubernetes, "whoever is ready is called; when nobody is, those that leave and still serve"],
  ],
];

test("every cause has tests, and they are there", () => assertHeld(promises));
