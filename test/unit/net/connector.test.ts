/** Tests of TCP connects. */
import assert from "node:assert/strict";
import net from "node:net";
import { describe, it } from "node:test";
import type { Resolver } from "../../../src/base/dialer.ts";
import { ConnectError, Connector } from "../../../src/net/connector.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { passes } from "../../fakes/passes.ts";

const noNames: Resolver = { addresses: () => Promise.reject(new Error("no names here")) };
const never = new AbortController().signal;
const nothing = (): void => undefined;

async function withServer(run: (port: number) => Promise<void>): Promise<void> {
  const server = net.createServer((socket) => {
    socket.on("error", nothing);
    socket.end("hello");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await run((server.address() as net.AddressInfo).port);
  } finally {
    server.close();
  }
}

describe("a connector", () => {
  it("gives a socket whose bytes go to the receiver", async () => {
    await withServer(async (port) => {
      let got = "";
      const connector = new Connector({ clock: new FakeClock(), resolver: noNames });
      const socket = await connector.connect("127.0.0.1", port, never, (bytes) => (got += bytes.toString()));
      await passes(() => assert.equal(got, "hello"));
      socket.destroy();
    });
  });

  it("resolves a host name, and takes the first address", async () => {
    await withServer(async (port) => {
      const asked: string[] = [];
      const resolver: Resolver = {
        addresses: (host) => {
          asked.push(host);
          return Promise.resolve({ addresses: ["127.0.0.1", "192.0.2.1"], ttlMs: 1000 });
        },
      };
      const connector = new Connector({ clock: new FakeClock(), resolver });
      const socket = await connector.connect("users.example", port, never, nothing);
      assert.deepEqual(asked, ["users.example"]);
      socket.destroy();
    });
  });

  it("tells refused from late", async () => {
    const clock = new FakeClock();
    const connector = new Connector({ clock, resolver: noNames, timeoutMs: 500 });
    let free = 0;
    await withServer((port) => Promise.resolve(void (free = port)));
    await assert.rejects(connector.connect("127.0.0.1", free, never, nothing), (error: unknown) => {
      assert.ok(error instanceof ConnectError);
      assert.equal(error.code, "connect.failed");
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${free}`));
      return true;
    });
    const silent: Resolver = {
      addresses: (_host, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
    };
    const late = new Connector({ clock, resolver: silent, timeoutMs: 500 }).connect("slow.example", 1, never, nothing);
    clock.advance(500);
    await assert.rejects(late, (error: unknown) => error instanceof ConnectError && error.code === "connect.timeout");
    assert.equal(clock.waiting, 0);
  });

  it("says of a name that cannot be resolved that no connection was made", async () => {
    const connector = new Connector({ clock: new FakeClock(), resolver: noNames });
    const empty = new Connector({
      clock: new FakeClock(),
      resolver: { addresses: () => Promise.resolve({ addresses: [], ttlMs: 0 }) },
    });
    for (const each of [connector, empty]) {
      await assert.rejects(
        each.connect("a.example", 1, never, nothing),
        (error: unknown) => error instanceof ConnectError && error.code === "connect.failed",
      );
    }
  });

  it("gives up when it is told to", async () => {
    const connector = new Connector({ clock: new FakeClock(), resolver: noNames });
    const abort = new AbortController();
    const attempt = connector.connect("192.0.2.1", 1, abort.signal, nothing);
    abort.abort(new Error("enough"));
    await assert.rejects(attempt, /enough/);
    await assert.rejects(connector.connect("127.0.0.1", 1, abort.signal, nothing), /enough/);
  });
});
