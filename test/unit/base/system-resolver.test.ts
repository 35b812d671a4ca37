import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type NameServers, SystemResolver } from "../../../src/base/system-resolver.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

const never = new AbortController().signal;
const withCode = (code: string): Error => Object.assign(new Error(code), { code });

class FakeServers implements NameServers {
  readonly asked: string[] = [];
  servers: readonly string[] = [];
  v4 = new Map<string, { address: string; ttl: number }[] | Error>();
  v6 = new Map<string, { address: string; ttl: number }[] | Error>();
  hold: Promise<void> | undefined;
  setServers(servers: readonly string[]): void {
    this.servers = servers;
  }
  async resolve4(host: string): Promise<{ address: string; ttl: number }[]> {
    this.asked.push(host);
    await this.hold;
    return this.#answer(this.v4, host);
  }
  async resolve6(host: string): Promise<{ address: string; ttl: number }[]> {
    return this.#answer(this.v6, host);
  }
  #answer(from: FakeServers["v4"], host: string): { address: string; ttl: number }[] {
    const answer = from.get(host) ?? withCode("ENOTFOUND");
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

function open(files: { hosts?: string; resolv?: string } = {}): {
  clock: FakeClock;
  servers: FakeServers;
  resolver: SystemResolver;
} {
  const clock = new FakeClock();
  const servers = new FakeServers();
  const read = async (path: string): Promise<string> => {
    const text = path === "/etc/hosts" ? files.hosts : files.resolv;
    if (text === undefined) throw withCode("ENOENT");
    return text;
  };
  return { clock, servers, resolver: new SystemResolver({ clock, read, nameServers: servers }) };
}

describe("the resolver", () => {
  it("takes no half of an answer for the whole: a host keeps its IPv4 addresses through an error about them", async () => {
    const { resolver, servers } = open();
    servers.v4.set("users.test", withCode("ESERVFAIL"));
    servers.v6.set("users.test", [{ address: "fd00::1", ttl: 30 }]);
    await assert.rejects(resolver.addresses("users.test", never), { code: "ESERVFAIL" });
    servers.v4.set("users.test", [{ address: "10.0.0.1", ttl: 30 }]);
    servers.v6.set("users.test", withCode("ESERVFAIL"));
    assert.deepEqual((await resolver.addresses("users.test", never)).addresses, ["10.0.0.1"]);
  });

  it("answers an IP literal with itself", async () => {
    const { resolver, servers } = open();
    assert.deepEqual((await resolver.addresses("10.0.0.1", never)).addresses, ["10.0.0.1"]);
    assert.deepEqual((await resolver.addresses("fe80::1", never)).addresses, ["fe80::1"]);
    assert.deepEqual(servers.asked, []);
  });

  it("knows localhost without any file", async () => {
    const { resolver } = open();
    assert.deepEqual((await resolver.addresses("LocalHost", never)).addresses, ["127.0.0.1", "::1"]);
    assert.deepEqual((await resolver.addresses("a.localhost", never)).addresses, ["127.0.0.1", "::1"]);
  });

  it("prefers the hosts file", async () => {
    const { resolver, servers } = open({ hosts: "10.0.0.7 db.internal db # the database\n10.0.0.8 DB\n" });
    assert.deepEqual((await resolver.addresses("db", never)).addresses, ["10.0.0.7", "10.0.0.8"]);
    assert.deepEqual(servers.asked, []);
  });

  it("asks the configured servers through the search domains, and keeps the answer for its time to live", async () => {
    const { resolver, servers, clock } = open({ resolv: "nameserver 10.9.9.9\nsearch svc.local local\n" });
    servers.v4.set("users.local", [
      { address: "10.0.0.1", ttl: 30 },
      { address: "10.0.0.2", ttl: 20 },
    ]);
    servers.v6.set("users.local", [{ address: "fd00::1", ttl: 60 }]);
    const answer = await resolver.addresses("users", never);
    assert.deepEqual(answer, { addresses: ["10.0.0.1", "10.0.0.2", "fd00::1"], ttlMs: 20_000 });
    assert.deepEqual(servers.asked, ["users.svc.local", "users.local"]);
    assert.deepEqual(servers.servers, ["10.9.9.9"]);
    clock.advance(15_000);
    assert.equal((await resolver.addresses("USERS", never)).ttlMs, 5000);
    assert.equal(servers.asked.length, 2);
    clock.advance(5000);
    await resolver.addresses("users", never);
    assert.equal(servers.asked.length, 4);
  });

  it("tells no such host from a server in trouble, and remembers neither", async () => {
    const { resolver, servers } = open();
    await assert.rejects(resolver.addresses("gone", never), {
      code: "ENOTFOUND",
      message: /cannot resolve gone: no such/,
    });
    servers.v4.set("gone", withCode("ETIMEOUT"));
    await assert.rejects(resolver.addresses("gone", never), { code: "ETIMEOUT" });
    servers.v4.set("gone", [{ address: "10.0.0.1", ttl: 5 }]);
    assert.deepEqual((await resolver.addresses("gone", never)).addresses, ["10.0.0.1"]);
  });

  it("puts one question for many callers, and lets each of them leave", async () => {
    const { resolver, servers } = open();
    const gate = Promise.withResolvers<void>();
    servers.hold = gate.promise;
    servers.v4.set("a", [{ address: "10.0.0.1", ttl: 5 }]);
    const leaving = new AbortController();
    const gone = resolver.addresses("a", leaving.signal);
    const stays = resolver.addresses("a", never);
    leaving.abort(new Error("left"));
    await assert.rejects(gone, { message: "left" });
    gate.resolve();
    assert.deepEqual((await stays).addresses, ["10.0.0.1"]);
    assert.deepEqual(servers.asked, ["a"]);
  });

  it("refuses questions past its waiting line", async () => {
    const { resolver, servers } = open();
    const gate = Promise.withResolvers<void>();
    servers.hold = gate.promise;
    const codes = new Map<string, number>();
    const all = Array.from({ length: 1100 }, (_each, at) =>
      resolver.addresses(`h${at}`, never).catch((error: Error & { code: string }) => {
        codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    gate.resolve();
    await Promise.all(all);
    assert.deepEqual([...codes].sort(), [
      ["EBUSY", 68],
      ["ENOTFOUND", 1032],
    ]);
  });
});
