/** Tests of the connection's window for what comes. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { FrameWriter } from "../../../src/http2/frame-writer.ts";
import { Intake } from "../../../src/http2/intake.ts";
import { Output } from "../../../src/http2/output.ts";
import { Splitter } from "../../fakes/h2-frames.ts";
import { LinkedSocket } from "../../fakes/linked-sockets.ts";

function intakeOf(window: number): { intake: Intake; increments: () => number[] } {
  const socket = new LinkedSocket();
  const out = new Output(socket, () => undefined);
  const intake = new Intake(new FrameWriter(out), window, 0.5);
  const increments = (): number[] => {
    out.flush();
    return new Splitter().add(socket.takeBytes(1e9)).map(({ payload }) => payload.readUInt32BE(0));
  };
  return { intake, increments };
}

it("the window is opened beyond what it starts with, and again when half of it was used", () => {
  const { intake, increments } = intakeOf(100_000);
  intake.open(100_000);
  assert.deepEqual(increments(), [34_465]);
  assert.equal(intake.took(100_000), true);
  intake.used(49_999);
  assert.deepEqual(increments(), []);
  intake.used(1);
  assert.deepEqual(increments(), [50_000]);
  assert.equal(intake.took(50_000), true);
  assert.equal(intake.took(1), false);
});

it("a smaller window than the RFC's cannot be had for a connection", () => {
  const { intake, increments } = intakeOf(10);
  intake.open(10);
  assert.deepEqual(increments(), []);
});

it("each of those that were touched settles once", () => {
  const { intake } = intakeOf(10);
  let settled = 0;
  const touched = { isTouched: false, settle: () => settled++ };
  intake.touch(touched);
  intake.touch(touched);
  intake.settle();
  intake.settle();
  assert.equal(settled, 1);
});
