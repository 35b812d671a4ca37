/** Tests of whose turn it is to send. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FloodGuard } from "../../../src/http2/flood-guard.ts";
import { FrameWriter } from "../../../src/http2/frame-writer.ts";
import { Output } from "../../../src/http2/output.ts";
import { type Queued, SendGate } from "../../../src/http2/send-gate.ts";
import { LinkedSocket } from "../../fakes/linked-sockets.ts";

class Sender implements Queued {
  isQueued = false;
  before: Queued | undefined = undefined;
  after: Queued | undefined = undefined;
  wantsNoWindow = false;
  readonly #act: () => void;
  constructor(act: () => void) {
    this.#act = act;
  }
  step(): void {
    this.#act();
  }
}

function gateOn(socket = new LinkedSocket()): { gate: SendGate; out: Output } {
  const out = new Output(socket, () => undefined);
  return { out, gate: new SendGate(new FrameWriter(out), out, new FloodGuard()) };
}

describe("the gate of a connection", () => {
  it("lets each stream send one frame, then the next one", () => {
    const { gate } = gateOn();
    const sent: string[] = [];
    const sender = (name: string, frames: number): Sender => {
      const made: Sender = new Sender(() => {
        sent.push(name);
        if (--frames > 0) gate.add(made);
      });
      return made;
    };
    for (const each of [sender("large", 4), sender("small", 1), sender("middle", 2)]) gate.add(each);
    gate.pump();
    assert.equal(sent.join(" "), "large small middle large middle large large");
    assert.equal(gate.isFree, true);
  });

  it("passes nobody without a window, but who needs none", () => {
    const { gate } = gateOn();
    let steps = 0;
    const waiting = new Sender(() => steps++);
    gate.window = 0;
    gate.add(waiting);
    gate.pump();
    assert.equal(steps, 0);
    assert.equal(gate.isFree, false);
    waiting.wantsNoWindow = true;
    gate.pump();
    assert.equal(steps, 1);
  });

  it("waits for a peer that does not read", () => {
    const { gate, out } = gateOn();
    let steps = 0;
    gate.add(new Sender(() => steps++));
    out.isBlocked = true;
    gate.pump();
    assert.equal(steps, 0);
    out.isBlocked = false;
    gate.pump();
    assert.equal(steps, 1);
  });

  it("forgets who left the line, wherever it stood", () => {
    const { gate } = gateOn();
    const sent: number[] = [];
    const senders = [0, 1, 2, 3].map((at) => new Sender(() => sent.push(at)));
    for (const sender of senders) {
      gate.add(sender);
      gate.add(sender);
    }
    for (const at of [0, 2, 3, 2]) gate.remove(senders[at] as Sender);
    gate.pump();
    assert.deepEqual(sent, [1]);
  });
});
