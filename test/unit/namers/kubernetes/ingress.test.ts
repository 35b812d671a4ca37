import assert from "node:assert/strict";
import { test } from "node:test";
import { plainAccess } from "../../../../namers/kubernetes/api-access.ts";
import { IngressIdentifier } from "../../../../namers/kubernetes/ingress-identifier.ts";
import { type IngressEntry, IngressKeeper } from "../../../../namers/kubernetes/ingress-object.ts";
import { IngressTable } from "../../../../namers/kubernetes/ingress-table.ts";
import { IngressWatch } from "../../../../namers/kubernetes/ingress-watch.ts";
import { Layout } from "../../../../src/http/exchange.ts";
import { Path } from "../../../../src/naming/path.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { FakeKubernetes } from "../../../fakes/kubernetes.ts";
import { exchangeOf } from "../../../fakes/router-bench.ts";
import type { KubeObject } from "../../../servers/kubernetes-admin.ts";

interface Parts {
  readonly name?: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function ingress(spec: object, { name = "web", namespace = "shop", annotations = {} }: Parts = {}): KubeObject {
  return { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name, namespace, annotations }, spec };
}

const service = (name: string, port: string | number = 80) => ({
  service: { name, port: typeof port === "number" ? { number: port } : { name: port } },
});
const paths = (...all: readonly object[]) => ({ http: { paths: all } });

const kept = (object: KubeObject): IngressEntry | undefined => new IngressKeeper("linkerd").keep({ ...object });

function found(objects: readonly KubeObject[], host: string | undefined, path = "/", ignoreDefaults = false): string {
  const entries = objects.flatMap((object) => kept(object) ?? []);
  const backend = new IngressTable(entries, ignoreDefaults).find(host, path);
  return backend ? `${backend.namespace}/${backend.port}/${backend.service}` : "nothing";
}

test("a rule without a host is for every one, a rule with one for that alone", () => {
  const some = ingress({ rules: [{ host: "Shop.com", ...paths({ backend: service("shop") }) }] });
  const every = ingress({ rules: [paths({ backend: service("all", "http") })] }, { name: "zz" });
  assert.equal(found([some], "shop.com"), "shop/80/shop");
  assert.equal(found([some], "other.com"), "nothing");
  assert.equal(found([some], undefined), "nothing");
  assert.equal(found([some, every], "shop.com"), "shop/80/shop");
  assert.equal(found([some, every], "other.com"), "shop/http/all");
  assert.equal(found([some, every], undefined), "shop/http/all");
});

test("a host with a star stands for one label before its domain", () => {
  const some = ingress({ rules: [{ host: "*.shop.com", ...paths({ backend: service("shop") }) }] });
  assert.equal(found([some], "eu.shop.com"), "shop/80/shop");
  assert.equal(found([some], "a.eu.shop.com"), "nothing");
  assert.equal(found([some], "shop.com"), "nothing");
});

test("a path without a type is a regular expression for all of the request's, as in Linkerd 1", () => {
  const some = ingress({ rules: [paths({ path: "/api/.*", backend: service("api") }, { backend: service("rest") })] });
  assert.equal(found([some], "x", "/api/users"), "shop/80/api");
  assert.equal(found([some], "x", "/api"), "shop/80/rest");
  assert.equal(found([some], "x", "/x/api/users"), "shop/80/rest");
});

test("a path of type Exact or Prefix is one as the API says", () => {
  const rules = paths(
    { path: "/exact", pathType: "Exact", backend: service("exact") },
    { path: "/pre/", pathType: "Prefix", backend: service("pre") },
    { path: "/", pathType: "Prefix", backend: service("root") },
  );
  const some = ingress({ rules: [rules] });
  const of = (path: string): string => found([some], "x", path);
  assert.deepEqual(
    ["/exact", "/exact/", "/pre", "/pre/a", "/prefix", "/"].map(of),
    ["exact", "root", "pre", "pre", "root", "root"].map((name) => `shop/80/${name}`),
  );
});

test("default backends come after the rules of every Ingress, or never", () => {
  const fallback = ingress({ defaultBackend: service("late") }, { name: "a" });
  const rule = ingress({ rules: [{ host: "shop.com", ...paths({ backend: service("shop") }) }] }, { name: "b" });
  assert.equal(found([fallback, rule], "shop.com"), "shop/80/shop");
  assert.equal(found([fallback, rule], "other.com"), "shop/80/late");
  assert.equal(found([fallback, rule], "other.com", "/", true), "nothing");
});

test("only Ingresses of the class count, and those of none", () => {
  const spec = { rules: [paths({ backend: service("shop") })] };
  const annotated = (value: string) => ingress(spec, { annotations: { "kubernetes.io/ingress.class": value } });
  assert.equal(found([annotated("nginx")], "x"), "nothing");
  assert.equal(found([annotated("linkerd")], "x"), "shop/80/shop");
  assert.equal(found([ingress({ ...spec, ingressClassName: "nginx" })], "x"), "nothing");
  assert.equal(found([ingress({ ...spec, ingressClassName: "linkerd" })], "x"), "shop/80/shop");
});

test("the form of v1beta1 is read too, and what says no Service leaves that rule out", () => {
  const old = ingress({
    rules: [paths({ path: "/a", backend: { serviceName: "a", servicePort: "http" } }, { path: "/b", backend: {} })],
    backend: { serviceName: "late", servicePort: 80 },
  });
  assert.equal(found([old], "x", "/a"), "shop/http/a");
  assert.equal(found([old], "x", "/b"), "shop/80/late");
  assert.throws(() => kept(ingress({ rules: [paths({ path: "(", backend: service("a") })] })), SyntaxError);
});

test("a request is named by namespace, port and Service, and by nothing where no rule matches", () => {
  const entry = kept(ingress({ rules: [{ host: "shop.com", ...paths({ path: "/a", backend: service("a") }) }] }));
  assert(entry);
  const identifier = new IngressIdentifier(
    { table: new IngressTable([entry], false), trouble: undefined },
    Path.read("/svc"),
  );
  const named = (host: string, target: string): string | undefined => {
    const x = exchangeOf(new Layout(), [["Host", host]]);
    x.request.target = target;
    return identifier.key(x) === undefined ? identifier.reason : identifier.path(x).show;
  };
  assert.equal(named("Shop.com:8080", "/a?b=c"), "/svc/shop/80/a");
  assert.equal(named("shop.com", "/b"), "no ingress rule matches");
  const unknown = new IngressIdentifier({ table: undefined, trouble: new Error("away") }, Path.read("/svc"));
  assert.equal(unknown.key(exchangeOf(new Layout(), [])), undefined);
  assert.equal(unknown.reason, "the ingresses are not known yet: away");
  assert.deepEqual([unknown.isWaiting, identifier.isWaiting], [true, false]);
});

async function watching(holdMs: number) {
  const server = await FakeKubernetes.start();
  const log = new RecordingLog();
  const clock = new CountingClock();
  const context = testContext({ log, clock, guard: { holdMs, nameShare: 0.5, sourceShare: 0.2 } });
  const open = () => plainAccess({ host: "127.0.0.1", port: server.port }, context);
  const start = () =>
    new IngressWatch({ open, namespace: "*", ingressClass: "linkerd", ignoreDefaultBackends: false }, context);
  return { server, log, start };
}

const one = (name: string) => ingress({ rules: [paths({ backend: service(name) })] }, { name });
const events = (log: RecordingLog): readonly string[] => log.lines.map(({ event }) => event);

test("rules follow the API server, and stay when it is away", async () => {
  const { server, log, start } = await watching(0);
  await using _ = server;
  server.put(one("a"));
  await using watch = start();
  await watch.answered();
  const service0 = (): string | undefined => watch.table?.find("x", "/")?.service;
  assert.equal(service0(), "a");
  server.put(one("_first"));
  await eventually("the new Ingress counts", () => service0() === "_first");
  await server.down();
  await eventually("the outage is told", () => events(log).includes("ingress.stale"));
  assert.equal(service0(), "_first");
  await server.up();
  await eventually("the recovery is told", () => events(log).includes("ingress.recovered"));
  assert.equal(events(log).filter((event) => event === "ingress.stale").length, 1);
});

test("the loss of every rule is held, and forgotten when they are back", async () => {
  const { server, log, start } = await watching(60_000);
  await using _ = server;
  server.put(one("a"));
  await using watch = start();
  await watch.answered();
  server.remove(one("a"));
  await eventually("the loss is held", () => events(log).includes("ingress.held"));
  assert.equal(watch.table?.size, 1);
  server.put(one("b"));
  await eventually("the new rule counts", () => watch.table?.find("x", "/")?.service === "b");
});

test("without a guard the loss of every rule is believed at once", async () => {
  const { server, start } = await watching(0);
  await using _ = server;
  server.put(one("a"));
  await using watch = start();
  await watch.answered();
  server.remove(one("a"));
  await eventually("no rule is left", () => watch.table?.size === 0);
});

test("an Ingress that cannot be read is left out, and told of once", async () => {
  const { server, log, start } = await watching(0);
  await using _ = server;
  server.put(ingress({ rules: [paths({ path: "(", backend: service("a") })] }, { name: "bad" }));
  server.put(one("good"));
  await using watch = start();
  await watch.answered();
  assert.equal(watch.table?.size, 1);
  assert.equal(events(log).filter((event) => event === "ingress.refused").length, 1);
});
