/** Tests of when messages leave by a connection. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Outlet } from "../../../src/http1/outlet.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";
import { nextTurn } from "../../fakes/http2-server-fixture.ts";

/** Notes at once what is written, where a FakeSocket would have the turn end for whoever looks. */
class NotingSocket extends FakeSocket {
  readonly noted: string[] = [];
  override write(bytes: Uint8Array | string): boolean {
    this.noted.push(Buffer.from(bytes as string, "latin1").toString("latin1"));
    return super.write(bytes);
  }
}

function newOutlet(): { outlet: Outlet; socket: NotingSocket } {
  const socket = new NotingSocket();
  return { outlet: new Outlet(socket), socket };
}

describe("an outlet", () => {
  it("has what is short leave at the end of the turn, in one write", async () => {
    const { outlet, socket } = newOutlet();
    outlet.later("one ");
    outlet.later("two");
    assert.deepEqual(socket.noted, []);
    await nextTurn();
    assert.deepEqual(socket.noted, ["one two"]);
    outlet.later("three");
    await nextTurn();
    assert.deepEqual(socket.noted, ["one two", "three"]);
  });

  it("writes nothing before what came earlier", async () => {
    const { outlet, socket } = newOutlet();
    outlet.later("one");
    assert.equal(outlet.write(Buffer.from("two")), true);
    assert.deepEqual(socket.noted, ["one", "two"]);
    await nextTurn();
    assert.equal(socket.noted.length, 2);
  });

  it("has it leave at once where somebody else is to use the socket", () => {
    const { outlet, socket } = newOutlet();
    outlet.later("one");
    outlet.leave();
    outlet.leave();
    assert.deepEqual(socket.noted, ["one"]);
  });

  it("gathers no more than it may, however much comes in a turn", () => {
    const { outlet, socket } = newOutlet();
    for (let at = 0; at < 100; at++) outlet.later("x".repeat(1000));
    const written = socket.noted.join("").length;
    assert.equal(written > 80_000 && written < 100_000, true, String(written));
  });

  it("forgets what shall not leave, and what its socket is gone for", async () => {
    const { outlet, socket } = newOutlet();
    outlet.later("one");
    outlet.discard();
    await nextTurn();
    outlet.later("two");
    socket.destroy();
    await nextTurn();
    assert.deepEqual(socket.noted, []);
  });

  it("tells when the other side does not take what has left at the end of the turn", async () => {
    const { outlet, socket } = newOutlet();
    socket.isFull = true;
    outlet.later("one");
    assert.equal(outlet.isBlocked, false);
    await nextTurn();
    assert.equal(outlet.isBlocked, true);
    assert.equal(outlet.write(Buffer.from("two")), false);
  });
});
