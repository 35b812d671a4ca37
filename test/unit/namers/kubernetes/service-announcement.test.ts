import assert from "node:assert/strict";
import { test } from "node:test";
import { type ApiAccess, plainAccess } from "../../../../namers/kubernetes/api-access.ts";
import { ServiceAnnouncer, type ServiceAnnouncerOptions } from "../../../../namers/kubernetes/service-announcer.ts";
import type { EntryChange, Owner } from "../../../../src/naming/announcer.ts";
import { Path } from "../../../../src/naming/path.ts";
import {
  announced,
  ANNA,
  BERTA,
  OTHER,
  put,
  puts,
  remove,
  standing,
  within,
  writeAll,
} from "../../../../src/testing/announcer-case.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { endpointsOf } from "../../../fakes/kubernetes-announcer-fixture.ts";
import type { StoredObject } from "../../../fakes/kubernetes-history.ts";
import { FakeKubernetes } from "../../../fakes/kubernetes.ts";
import { QUICK_LEASE } from "../../../fakes/lifeline.ts";
import type { KubeObject } from "../../../servers/kubernetes-admin.ts";
import { serviceObject } from "../../../servers/kubernetes-objects.ts";

const NAMESPACE = "shop";
const users = Path.of("users");
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n + 1);

class Site implements AsyncDisposable {
  readonly server: FakeKubernetes;
  readonly announcer: ServiceAnnouncer;
  readonly #announcers: ServiceAnnouncer[] = [];

  private constructor(server: FakeKubernetes, over: Partial<ServiceAnnouncerOptions>) {
    this.server = server;
    this.announcer = this.another(over);
  }

  static async open(over: Partial<ServiceAnnouncerOptions> = {}): Promise<Site> {
    return new Site(await FakeKubernetes.start(), over);
  }

  another(over: Partial<ServiceAnnouncerOptions> = {}): ServiceAnnouncer {
    const resolve = { addresses: async (host: string) => ({ addresses: this.names.get(host) ?? [], ttlMs: 1 }) };
    const context = testContext({ resolve });
    const ports = [{ name: "http", port: 80, from: "port" }] as const;
    const open = () => plainAccess({ host: "127.0.0.1", port: this.server.port }, context);
    const options = { namespace: NAMESPACE, service: undefined, ports, headless: false, lease: QUICK_LEASE };
    const announcer = new ServiceAnnouncer({ ...options, open, ...over }, context);
    this.#announcers.push(announcer);
    return announcer;
  }

  readonly names = new Map<string, readonly string[]>();

  get slices(): readonly StoredObject[] {
    return this.server.history.all("endpointslices");
  }

  get service(): StoredObject | undefined {
    return this.server.history.find("services", NAMESPACE, "users");
  }

  get spec(): { readonly clusterIP: string; readonly ports: readonly { readonly port: number }[] } | undefined {
    return this.service?.["spec"] as Site["spec"];
  }

  seen(): readonly string[] {
    return this.slices.flatMap((each) => endpointsOf(each, "users").map(({ host, port }) => `${host}:${port}`));
  }

  /** What was written since the last call. */
  writes(): readonly string[] {
    const writes = this.server.asked.filter((each) => !each.startsWith("GET") && !each.includes("/leases"));
    this.server.asked.length = 0;
    return writes.map((each) =>
      each.replace(/ .*\/(\w+)(\/[-\w]+)?$/, (_, kind: string, name = "") => ` ${kind}${name}`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#announcers) await each[Symbol.asyncDispose]().catch(() => undefined);
    await this.server[Symbol.asyncDispose]();
  }
}

const tagsOf = async (site: Site, changes: readonly EntryChange[], owner: Owner = ANNA): Promise<readonly string[]> =>
  (await site.announcer.announce(users, owner).write(changes, within())).map(({ tag }) => tag);

test("as much is written as slices change, and nothing where none does", async () => {
  await using site = await Site.open();
  const announcement = site.announcer.announce(users, ANNA);
  await writeAll(announcement, puts(...numbers(250)));
  assert.equal(site.writes().length, 4);
  await writeAll(announcement, puts(...numbers(250)));
  assert.deepEqual(site.writes(), []);
  await writeAll(announcement, [put({ ...announced(7), ready: false })]);
  assert.deepEqual(
    site.writes(),
    ["PUT endpointslices/users-linkspan-79ed3c83-1"].map((each) => each.replace("79ed3c83", hashIn(site))),
  );
});

const hashIn = (site: Site): string => /-(\w+)-\d+$/.exec(site.slices[0]?.metadata.name ?? "")?.[1] ?? "";

test("what somebody else changed meanwhile is read again, and nothing of it is lost", async () => {
  await using site = await Site.open();
  const announcement = site.announcer.announce(users, ANNA);
  await writeAll(announcement, puts(1, 2));
  const [slice] = site.slices;
  assert.ok(slice);
  site.server.put({ ...slice, metadata: { ...slice.metadata, labels: { ...slice.metadata.labels, theirs: "too" } } });
  const outcomes = await announcement.write(puts(3), within());
  assert.deepEqual(outcomes, [{ tag: "done" }]);
  assert.deepEqual(site.seen(), ["10.9.0.1:8080", "10.9.0.2:8080", "10.9.0.3:8080"]);
});

test("a creation whose answer was lost is not made twice", async () => {
  await using site = await Site.open();
  const lost = new Set(["services", "endpointslices"]);
  const open = (): ApiAccess => {
    const inner = plainAccess({ host: "127.0.0.1", port: site.server.port }, testContext());
    const request: ApiAccess["request"] = async (sent) => {
      const answer = await inner.request(sent);
      if (sent.method !== "POST" || !lost.delete(sent.path.split("/").at(-1) ?? "")) return answer;
      answer[Symbol.dispose]();
      throw new Error("the connection ended");
    };
    return { ...inner, request, [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose]() };
  };
  await writeAll(site.another({ open }).announce(users, ANNA), puts(1));
  assert.deepEqual([lost.size, site.slices.length, site.seen()], [0, 1, ["10.9.0.1:8080"]]);
});

test("an API server that has too much to do is asked again, later, and a refusal is not", async () => {
  await using site = await Site.open();
  const announcement = site.announcer.announce(users, ANNA);
  await writeAll(announcement, puts(1));
  site.server.failNext({ status: 429, resource: "endpointslices", verb: "write" });
  site.server.failNext({ status: 503, resource: "endpointslices", verb: "write" });
  assert.deepEqual(await announcement.write(puts(2), within()), [{ tag: "done" }]);
  site.server.failNext({
    status: 403,
    reason: "Forbidden",
    message: "not you",
    resource: "endpointslices",
    verb: "write",
  });
  const [outcome] = await announcement.write(puts(3), within());
  assert.equal(outcome?.tag, "refused");
  assert.match(JSON.stringify(outcome), /does not change one of the EndpointSlices of shop: 403 not you/);
});

test("a Service that got a selector meanwhile is written to no more; what is ours may still be taken away", async () => {
  await using site = await Site.open();
  const announcement = site.announcer.announce(users, ANNA);
  await writeAll(announcement, puts(1, 2));
  const { service } = site;
  assert.ok(service);
  site.server.put({ ...service, spec: { ...(service["spec"] as object), selector: { app: "users" } } });
  const { refusal, entries } = await standing(announcement);
  assert.equal(refusal, "the Service shop/users has a selector, so its endpoints are the pods of that");
  const outcomes = await announcement.write([...puts(3), remove(entries[0]?.key ?? "")], within());
  assert.deepEqual(
    outcomes.map(({ tag }) => tag),
    ["refused", "done"],
  );
  assert.deepEqual(site.seen(), ["10.9.0.2:8080"]);
});

test("the ports of a Service follow the configuration of who made it, and of nobody else", async () => {
  await using site = await Site.open();
  await writeAll(site.announcer.announce(users, ANNA), puts(1));
  const ports = [{ name: "http", port: 81, from: "port" }] as const;
  const others = site.another({ ports }).announce(users, OTHER);
  assert.equal((await standing(others)).refusal, "the Service shop/users has other ports, as users-mirror wants them");
  const changed = site.another({ ports }).announce(users, ANNA);
  const address = site.spec?.clusterIP;
  await writeAll(changed, puts(1));
  assert.deepEqual([site.spec?.clusterIP, site.spec?.ports[0]?.port], [address, 81]);
  const headless = site.another({ ports, headless: true }).announce(users, ANNA);
  assert.match((await standing(headless)).refusal ?? "", /has an address of its own, and cannot change that/);
});

test("a Service that others belong to, or that is no Service of endpoints, is refused", async () => {
  const owner = { apiVersion: "apps/v1", kind: "Widget", name: "w", uid: "1", controller: true };
  const cases: readonly (readonly [metadata: object, spec: object, reason: string])[] = [
    [{ ownerReferences: [owner] }, {}, "belongs to Widget w"],
    [{}, { type: "ExternalName", externalName: "a.example" }, "is an ExternalName, which has no endpoints"],
    [{ labels: { "app.kubernetes.io/managed-by": "Helm" } }, {}, "is managed by Helm"],
  ];
  for (const [metadata, more, reason] of cases) {
    await using site = await Site.open();
    const object = serviceObject({ name: "users", namespace: NAMESPACE, more });
    site.server.put({ ...object, metadata: { ...object.metadata, ...metadata } } satisfies KubeObject);
    const { refusal } = await standing(site.announcer.announce(users, ANNA));
    const wanted = `the Service shop/users ${reason}`;
    assert.equal(refusal?.slice(0, wanted.length), wanted);
    assert.deepEqual(await tagsOf(site, puts(1)), ["refused"]);
    assert.deepEqual(site.slices, []);
  }
});

test("a Service that somebody made and handed over gets endpoints, and is never changed or deleted", async () => {
  await using site = await Site.open({ headless: true });
  const labels = { "app.kubernetes.io/managed-by": "linkspan" };
  const ports = [
    { name: "http", port: 80 },
    { name: "admin", port: 81 },
  ];
  site.server.put(serviceObject({ name: "users", namespace: NAMESPACE, labels, more: { ports } }));
  const before = site.service;
  const announcement = site.announcer.announce(users, ANNA);
  await writeAll(announcement, puts(1));
  assert.equal(site.seen().length, 1);
  await announcement[Symbol.asyncDispose]();
  assert.deepEqual([site.service, site.slices], [before, []]);
  const elsewhere = site.another({ headless: true, ports: [{ name: "http", port: 90, from: "port" }] });
  const { refusal } = await standing(elsewhere.announce(users, ANNA));
  assert.equal(refusal, "the Service shop/users has other ports than are announced");
});

test("the Service goes with the last of who made it, and stays while anybody has endpoints there", async () => {
  await using site = await Site.open();
  const ours = site.announcer.announce(users, ANNA);
  await writeAll(ours, puts(1));
  const theirs = site.another().announce(users, OTHER);
  await writeAll(theirs, puts(2));
  await ours[Symbol.asyncDispose]();
  assert.deepEqual(site.seen(), ["10.9.0.2:8080"]);
  assert.ok(site.service);
  const again = site.another().announce(users, ANNA);
  await writeAll(again, puts(1));
  await theirs[Symbol.asyncDispose]();
  await again[Symbol.asyncDispose]();
  assert.deepEqual([site.service, site.slices], [undefined, []]);
});

test("who takes the last entries of a group away takes its Service away, though a former member put them", async () => {
  await using site = await Site.open();
  const former = site.announcer.announce(users, ANNA);
  await writeAll(former, puts(1, 2));
  await former.abandon();
  const next = site.another().announce(users, BERTA);
  const { entries } = await standing(next);
  await writeAll(
    next,
    entries.map(({ key }) => remove(key)),
  );
  assert.ok(site.service);
  await next[Symbol.asyncDispose]();
  assert.deepEqual([site.service, site.slices], [undefined, []]);
});

test("what can stand in no slice is refused, with its reason, beside what can", async () => {
  await using site = await Site.open();
  const bad = [
    { ...announced(1), host: "127.0.0.1" },
    { ...announced(2), host: "169.254.1.1" },
    { ...announced(3), host: "::1" },
    { ...announced(4), id: "x".repeat(600) },
  ];
  const { port: _, ...portless } = announced(5);
  const outcomes = await site.announcer
    .announce(users, ANNA)
    .write([...bad, portless, announced(6)].map(put), within());
  assert.deepEqual(
    outcomes.map((each) => (each.tag === "done" ? "" : each.cause.replace(/x+/, "x"))),
    [
      "i-1: its address 127.0.0.1 is of the loopback, which no EndpointSlice may have",
      "i-2: its address 169.254.1.1 is link-local, which no EndpointSlice may have",
      "i-3: its address ::1 is of the loopback, which no EndpointSlice may have",
      "x...: its id has more than 512 letters",
      "i-5: it has no port that is announced",
      "",
    ],
  );
});

test("a host that is a name stands as its address, and is read back as the name", async () => {
  await using site = await Site.open();
  site.names.set("one.example", ["10.9.1.2", "10.9.1.1"]);
  const announcement = site.announcer.announce(users, ANNA);
  const named = { ...announced(1), host: "one.example" };
  const lost = { ...announced(2), host: "two.example" };
  const outcomes = await announcement.write([put(named), put(lost)], within());
  assert.deepEqual(outcomes, [
    { tag: "done" },
    { tag: "failed", cause: "i-2: its host two.example could not be resolved: two.example has no address" },
  ]);
  assert.deepEqual(site.seen(), ["10.9.1.1:8080"]);
  assert.equal((await standing(announcement)).entries[0]?.instance.host, "one.example");
});

test("ports for TLS stand beside the others, and families apart", async () => {
  const ports = [
    { name: "http", port: 80, from: "port" },
    { name: "https", port: 443, from: "tlsPort" },
  ] as const;
  await using site = await Site.open({ ports });
  const both = { ...announced(1), tlsPort: 8443 };
  const six = { ...announced(2), id: "six", host: "2001:db8::1" };
  const announcement = site.announcer.announce(users, ANNA);
  await writeAll(announcement, [put(both), put(six)]);
  assert.deepEqual(
    site.slices.map((each) => [
      each["addressType"],
      (each["ports"] as readonly { name: string }[]).map(({ name }) => name),
    ]),
    [
      ["IPv4", ["http", "https"]],
      ["IPv6", ["http"]],
    ],
  );
  const read = (await standing(announcement)).entries.map(({ instance }) => instance);
  assert.deepEqual(read, [both, six]);
});

test("who does not hold the lease of the group writes nothing, and says who holds it", async () => {
  await using site = await Site.open();
  await writeAll(site.announcer.announce(users, ANNA), puts(1));
  site.writes();
  const berta = site.another().announce(users, BERTA);
  const outcomes = await berta.write(puts(2), within());
  assert.deepEqual(outcomes, [{ tag: "conflict", cause: "the lease of users-mirror is held by anna" }]);
  assert.deepEqual(site.writes(), []);
});

test("a path that names no Service is refused", async () => {
  await using site = await Site.open();
  for (const path of [Path.of("Users"), Path.of("a", "b"), Path.empty, Path.of("9lives")]) {
    const { refusal } = await standing(site.announcer.announce(path, ANNA));
    assert.match(refusal ?? "", /names no Service: that is one element of small letters/);
  }
  const fixed = site.another({ service: "users" });
  assert.match((await standing(fixed.announce(Path.of("orders"), ANNA))).refusal ?? "", /`service` says users/);
  await writeAll(fixed.announce(Path.empty, ANNA), puts(1));
  assert.deepEqual(await fixed.owned(ANNA.group, within()), [Path.empty]);
});

test("who calls off what many wait for waits no more, and the others hear of it", async () => {
  await using site = await Site.open();
  const all = numbers(20).map((n) => site.announcer.announce(Path.of(`users-${n}`), ANNA));
  const end = new AbortController();
  const read = all.map((each, at) => each.standing(at === 0 ? end.signal : within()));
  await Promise.resolve();
  end.abort(new Error("called off"));
  const [first, ...others] = await Promise.allSettled(read);
  assert.equal(first?.status, "rejected");
  assert.ok(others.every(({ status }) => status === "fulfilled"));
});

test("many that are read at once are read as one list of their namespace", async () => {
  await using site = await Site.open();
  const all = numbers(40).map((n) => site.announcer.announce(Path.of(`users-${n}`), ANNA));
  await Promise.all(all.map((each) => standing(each)));
  assert.ok(site.server.asked.length <= 4, `${site.server.asked.length} questions`);
});
