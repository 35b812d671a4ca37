/** Tests of the address that a caller is known by. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { callerAddress } from "../../../src/net/caller-address.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

it("a caller is known by its plain address", () => {
  const from = (address: string | undefined): string => {
    const socket = new FakeSocket();
    Object.defineProperty(socket, "remoteAddress", { value: address });
    return callerAddress(socket);
  };
  assert.equal(from("::ffff:10.1.2.3"), "10.1.2.3");
  assert.equal(from("10.1.2.3"), "10.1.2.3");
  assert.equal(from("fe80::1"), "fe80::1");
  assert.equal(from(undefined), "");
});
