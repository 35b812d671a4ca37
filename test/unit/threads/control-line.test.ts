import assert from "node:assert/strict";
import { it } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { ControlLine } from "../../../src/threads/control-line.ts";
import type { ToControl } from "../../../src/threads/protocol.ts";
import { waitUntil } from "../../load/wait-until.ts";

const view = (seq: number): ToControl => ({ part: "view", seq, view: "x" });

function open(maxUnheard: number) {
  const { port1: near, port2: far } = new MessageChannel();
  const got: number[] = [];
  far.on("message", (message: ToControl) => void got.push(message.part === "view" ? message.seq : 0));
  const events: string[] = [];
  const line = new ControlLine(
    near,
    {
      hear: () => void events.push("heard"),
      missed: () => void events.push("missed"),
      closed: () => void events.push("closed"),
    },
    maxUnheard,
  );
  return { line, far, got, events };
}

it("says nothing more to a control thread that has not answered for long, and everything again when it does", async () => {
  const { line, far, got, events } = open(3);
  for (let seq = 1; seq <= 5; seq++) line.say(view(seq));
  await waitUntil("three arrived", 2_000, () => got.length === 3);
  far.postMessage({ part: "metrics", freed: [] }, []);
  await waitUntil("it heard", 2_000, () => events.length === 2);
  assert.deepEqual(events, ["heard", "missed"]);
  line.say(view(6));
  await waitUntil("the next arrived", 2_000, () => got.length === 4);
  assert.deepEqual(got, [1, 2, 3, 6]);
  far.postMessage({ part: "metrics", freed: [] }, []);
  await waitUntil("it heard", 2_000, () => events.length === 3);
  far.close();
  await waitUntil("it is closed", 2_000, () => events.length === 4);
  assert.deepEqual(events, ["heard", "missed", "heard", "closed"]);
});

it("hears nothing of a control thread whose place is taken", async () => {
  const { line, far, events } = open(3);
  const closed = new Promise((resolve) => far.on("close", resolve));
  far.postMessage({ part: "metrics", freed: [] }, []);
  line[Symbol.dispose]();
  await closed;
  assert.deepEqual(events, []);
});
