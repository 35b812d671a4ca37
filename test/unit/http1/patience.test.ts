/** Tests of how long a caller is waited for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DownstreamState } from "../../../src/http1/downstream-state.ts";
import { Patience } from "../../../src/http1/patience.ts";
import { defaultHttp1Settings } from "../../../src/http1/settings.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

class CountedSocket extends FakeSocket {
  moved = 0;
  constructor() {
    super();
    Object.defineProperty(this, "bytesRead", { get: () => this.moved });
    Object.defineProperty(this, "bytesWritten", { get: () => 0 });
  }
}

const settings = {
  ...defaultHttp1Settings,
  bodyTimeoutMs: 1000,
  bodyBytes: 100,
  tunnelTimeoutMs: 5000,
  halfCloseMs: 250,
  lingerMs: 400,
};

function patience(): {
  socket: CountedSocket;
  isOver: (state: DownstreamState, now: number, what?: string) => boolean;
  it: Patience;
} {
  const socket = new CountedSocket();
  const it = new Patience(socket, settings, 0);
  const isOver = (state: DownstreamState, now: number, what = ""): boolean =>
    it.isOver(state, now, { awaitsBytes: what === "body", isHalfClosed: what === "half" });
  return { socket, it, isOver };
}

describe("a caller is waited for", () => {
  it("between requests and within a head for a time, whatever moves", () => {
    const { it, isOver, socket } = patience();
    assert.equal(isOver("head", settings.idleTimeoutMs - 1), false);
    assert.equal(isOver("head", settings.idleTimeoutMs), true);
    it.awaitHead(0);
    socket.moved = 1_000_000;
    assert.equal(isOver("head", settings.headTimeoutMs), true);
  });

  it("for a request that is the last one only for a last call", () => {
    const { it, isOver } = patience();
    it.awaitRequest(0, false);
    assert.equal(isOver("head", settings.lastCallMs), false);
    it.awaitRequest(0, true);
    assert.equal(isOver("head", settings.lastCallMs - 1), false);
    assert.equal(isOver("head", settings.lastCallMs), true);
  });

  it("within a body as long as it brings enough bytes in each time", () => {
    const { it, isOver, socket } = patience();
    it.start(0);
    socket.moved = 100;
    assert.equal(isOver("busy", 999, "body"), false);
    socket.moved = 199;
    assert.equal(isOver("busy", 1998, "body"), false);
    assert.equal(isOver("busy", 1999, "body"), true, "99 bytes are too few");
  });

  it("within a body from the first tick where it is begun later", () => {
    const { it, isOver, socket } = patience();
    it.startLater();
    socket.moved = 1;
    assert.equal(isOver("busy", 700, "body"), false);
    assert.equal(isOver("busy", 1699, "body"), false);
    assert.equal(isOver("busy", 1700, "body"), true);
  });

  it("without end while it is not the one that is waited for", () => {
    const { it, isOver } = patience();
    it.start(0);
    assert.equal(isOver("busy", 1_000_000), false);
    assert.equal(isOver("busy", 1_000_999, "body"), false);
    assert.equal(isOver("busy", 1_001_000, "body"), true);
  });

  it("for a short while when it has closed its half and no byte moves", () => {
    const { it, isOver, socket } = patience();
    it.start(0);
    assert.equal(isOver("busy", 249, "half"), false);
    socket.moved = 1;
    assert.equal(isOver("busy", 300, "half"), false);
    assert.equal(isOver("busy", 550, "half"), true);
  });

  it("in a tunnel as long as one byte moves", () => {
    const { it, isOver, socket } = patience();
    it.start(0);
    socket.moved = 1;
    assert.equal(isOver("tunnel", 4999), false);
    assert.equal(isOver("tunnel", 9998), false);
    assert.equal(isOver("tunnel", 9999), true);
  });

  it("at the end until it has taken the last answer, at the least rate, and a while more", () => {
    const { it, isOver, socket } = patience();
    it.start(0, settings.lingerMs);
    assert.equal(isOver("closing", 399), false);
    assert.equal(isOver("closing", 400), true);
    socket.isFull = true;
    socket.write("the last answer");
    it.start(1000, settings.lingerMs);
    assert.equal(isOver("closing", 1900), false);
    socket.drain();
    assert.equal(isOver("closing", 2299), false);
    assert.equal(isOver("closing", 2300), true);
    socket.isFull = true;
    socket.write("the last answer");
    it.start(3000, settings.lingerMs);
    assert.equal(isOver("closing", 4000), true, "it takes nothing");
  });
});
