import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { StateBoard } from "../../../../namers/zookeeper/state-board.ts";

test("a state is told at once, then at every change, and the same trouble is no change", () => {
  const board = new StateBoard(new RecordingLog());
  const tags: string[] = [];
  const subscription = board.observe((state) => void tags.push(state.tag));
  board.publish({ tag: "connecting" });
  board.publish({ tag: "connecting", cause: new Error("a") });
  board.publish({ tag: "connecting", cause: new Error("a") });
  board.publish({ tag: "connecting", cause: new Error("b") });
  subscription[Symbol.dispose]();
  board.publish({ tag: "closed" });
  assert.deepEqual(tags, ["idle", "connecting", "connecting", "connecting"]);
  assert.equal(board.state.tag, "closed");
});

test("one that leaves while another is told is told no more", () => {
  const board = new StateBoard(new RecordingLog());
  const told: string[] = [];
  board.observe((state) => void (state.tag === "closed" && second[Symbol.dispose]()));
  const second = board.observe((state) => void told.push(state.tag));
  board.publish({ tag: "closed" });
  assert.deepEqual(told, ["idle"]);
});

test("one that throws is logged, and the others are told", () => {
  const log = new RecordingLog();
  const board = new StateBoard(log);
  board.observe(() => {
    throw new Error("oops");
  });
  const told: string[] = [];
  board.observe((state) => void told.push(state.tag));
  board.publish({ tag: "closed" });
  assert.deepEqual(told, ["idle", "closed"]);
  assert.equal(log.told("bug").length, 2);
});
