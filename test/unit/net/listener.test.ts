/** Tests of listening sockets. */
import assert from "node:assert/strict";
import net from "node:net";
import { describe, it } from "node:test";
import { type Accepted, Listener, ListenError } from "../../../src/net/listener.ts";
import { passes } from "../../fakes/passes.ts";

class Connection implements Accepted {
  drained = 0;
  destroyed = 0;
  readonly #socket: net.Socket;
  constructor(socket: net.Socket, closed: () => void) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.once("close", closed);
  }
  drain(): void {
    this.drained++;
  }
  finish(): void {
    this.#socket.destroy();
  }
  destroy(): void {
    this.destroyed++;
    this.#socket.destroy();
  }
}

async function listen(
  more: { maxConnections?: number; port?: number } = {},
): Promise<{ listener: Listener; accepted: Connection[] }> {
  const accepted: Connection[] = [];
  const listener = await Listener.listen({
    host: "127.0.0.1",
    port: 0,
    ...more,
    accept: (socket, closed) => {
      const connection = new Connection(socket, closed);
      accepted.push(connection);
      return connection;
    },
  });
  return { listener, accepted };
}

async function connect(port: number): Promise<net.Socket> {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

describe("a listener", () => {
  it("names the address that is in use", async () => {
    const { listener } = await listen();
    await assert.rejects(listen({ port: listener.port }), (error: unknown) => {
      assert.ok(error instanceof ListenError);
      assert.equal(error.code, "listen.in_use");
      assert.equal(error.message, `127.0.0.1:${listener.port} is in use`);
      return true;
    });
    await listener.close();
  });

  it("says so where it cannot listen at all", async () => {
    const options = { host: "192.0.2.1", port: 1, accept: () => assert.fail("nobody comes") };
    await assert.rejects(
      Listener.listen(options),
      (error: unknown) => error instanceof ListenError && error.code === "listen.failed",
    );
  });

  it("accepts no more than its limit", async () => {
    const { listener, accepted } = await listen({ maxConnections: 1 });
    const first = await connect(listener.port);
    await passes(() => assert.equal(accepted.length, 1));
    const second = await connect(listener.port);
    await new Promise((resolve) => second.once("close", resolve));
    assert.equal(accepted.length, 1);
    assert.equal(listener.connections, 1);
    first.destroy();
    await listener.close();
  });

  it("tells its connections to finish, and waits for them", async () => {
    const { listener, accepted } = await listen();
    const socket = await connect(listener.port);
    await passes(() => assert.equal(accepted.length, 1));
    let isClosed = false;
    const closed = listener.close(new AbortController().signal).then(() => (isClosed = true));
    await new Promise(setImmediate);
    assert.deepEqual([accepted[0]?.drained, accepted[0]?.destroyed, isClosed], [1, 0, false]);
    accepted[0]?.finish();
    await closed;
    assert.equal(listener.connections, 0);
    socket.destroy();
  });

  it("destroys what is left at the deadline", async () => {
    const { listener, accepted } = await listen();
    const socket = await connect(listener.port);
    await passes(() => assert.equal(accepted.length, 1));
    const deadline = new AbortController();
    const closed = listener.close(deadline.signal);
    deadline.abort();
    await closed;
    assert.equal(accepted[0]?.destroyed, 1);
    socket.destroy();
  });

  it("closes at once without a deadline, and twice", async () => {
    const { listener, accepted } = await listen();
    const socket = await connect(listener.port);
    await passes(() => assert.equal(accepted.length, 1));
    await Promise.all([listener.close(), listener[Symbol.asyncDispose]()]);
    assert.ok((accepted[0]?.destroyed ?? 0) >= 1);
    socket.destroy();
  });
});

it("why a socket cannot listen is said in words where it is the address or the right to the port", () => {
  const said = (code: string): readonly string[] => {
    const { message, code: kind } = ListenError.of(Object.assign(new Error("bind it"), { code }), "10.9.9.9", 80);
    return [kind, message];
  };
  assert.deepEqual(said("EADDRINUSE"), ["listen.in_use", "10.9.9.9:80 is in use"]);
  assert.deepEqual(said("EACCES"), ["listen.failed", "cannot listen on 10.9.9.9:80: ports below 1024 are for root"]);
  const [, away] = said("EADDRNOTAVAIL");
  assert.equal(away, "cannot listen on 10.9.9.9:80: no such address is this machine's");
  assert.deepEqual(said("EMFILE"), ["listen.failed", "cannot listen on 10.9.9.9:80: bind it"]);
});
