import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { after, before, describe, it } from "node:test";
import type { Resolver } from "../../../src/base/dialer.ts";
import { SystemDialer } from "../../../src/base/system-dialer.ts";
import { systemClock } from "../../../src/base/time.ts";
import { FakeClock, turn } from "../../../src/testing/fake-clock.ts";

const never = new AbortController().signal;

function names(hosts: Record<string, readonly string[]>): Resolver {
  return {
    async addresses(host) {
      const addresses = hosts[host];
      if (!addresses) throw Object.assign(new Error("no such host"), { code: "ENOTFOUND" });
      return { addresses, ttlMs: 1000 };
    },
  };
}

describe("the dialer", () => {
  let server: Server;
  let port = 0;
  before(async () => {
    server = createServer((socket) => socket.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    port = address.port;
  });
  after(() => new Promise<void>((resolve) => server.close(() => resolve())));

  it("connects to an address, and to a host name by the first address that answers", async () => {
    const dialer = new SystemDialer(systemClock, names({ both: ["127.0.0.9", "127.0.0.1"] }));
    for (const host of ["127.0.0.1", "both"]) {
      const socket = await dialer.connect(host, port, {}, never);
      let heard = "";
      for await (const bytes of socket) heard += String(bytes);
      assert.equal(heard, "hello");
    }
  });

  it("says what was dialled and why it failed", async () => {
    const dialer = new SystemDialer(systemClock, names({ none: [] }));
    await assert.rejects(dialer.connect("127.0.0.1", 1, {}, never), {
      code: "ECONNREFUSED",
      message: /cannot connect to 127\.0\.0\.1:1: connect ECONNREFUSED/,
    });
    await assert.rejects(dialer.connect("gone", 80, {}, never), {
      code: "ENOTFOUND",
      message: /gone:80: no such host/,
    });
    await assert.rejects(dialer.connect("none", 80, {}, never), { code: "ENOTFOUND", message: /no addresses/ });
  });

  it("gives up after its time, or when it is told to, and leaves no timer", async () => {
    const clock = new FakeClock();
    const hanging: Resolver = {
      addresses: (_host, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
    };
    const dialer = new SystemDialer(clock, hanging);
    const late = dialer.connect("a", 80, { timeoutMs: 50 }, never);
    await turn();
    clock.advance(50);
    await assert.rejects(late, { code: "ETIMEDOUT", message: "cannot connect to a:80: not in 50 ms" });
    const stop = new AbortController();
    const stopped = dialer.connect("a", 80, {}, stop.signal);
    stop.abort(new Error("closing"));
    await assert.rejects(stopped, { message: "closing" });
    assert.equal(clock.waiting, 0);
  });
});
