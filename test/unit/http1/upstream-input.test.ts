/** Tests of the bytes of an endpoint that wait. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UpstreamInput } from "../../../src/http1/upstream-input.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

/** Uses so many bytes of each turn. */
class User {
  uses = 0;
  isStalled = false;
  readonly heard: string[] = [];
  use(bytes: Buffer): number {
    this.heard.push(bytes.toString());
    return Math.min(this.uses, bytes.length);
  }
}

describe("an endpoint's input", () => {
  it("copies what was not used out of the memory it was lent", () => {
    const user = new User();
    const input = new UpstreamInput(new FakeSocket(), user);
    const lent = Buffer.from("abc");
    user.uses = 1;
    input.push(lent);
    lent.fill("x");
    user.uses = 9;
    input.push(Buffer.from("de"));
    assert.deepEqual(user.heard, ["abc", "bcde"]);
    assert.equal(input.isEmpty, true);
  });

  it("reads no more while what was read waits for the caller", () => {
    const socket = new FakeSocket();
    const user = new User();
    const input = new UpstreamInput(socket, user);
    user.isStalled = true;
    input.push(Buffer.from("abc"));
    assert.equal(socket.paused, 1);
    input.again();
    assert.equal(socket.resumed, 0);
    user.uses = 9;
    input.again();
    assert.equal(socket.resumed, 1);
  });

  it("reads on for the rest of a head", () => {
    const socket = new FakeSocket();
    const input = new UpstreamInput(socket, new User());
    input.push(Buffer.from("HTTP"));
    assert.equal(socket.paused, 0);
    assert.equal(input.isEmpty, false);
    input.clear();
    assert.equal(input.isEmpty, true);
  });
});
