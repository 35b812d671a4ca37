import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LossWindow } from "../../../src/base/loss-window.ts";

describe("the window of losses", () => {
  it("adds up what joined and left within its span", () => {
    const window = new LossWindow(6000);
    window.add(0, { lost: 3 });
    window.add(3000, { joined: 1 });
    assert.equal(window.net(5900), -2);
    assert.equal(window.net(6200), 1);
    assert.equal(window.net(10_000), 0);
  });

  it("lets those that left by a sign take the place of those that joined, and counts them as no loss", () => {
    const window = new LossWindow(6000);
    window.add(0, { signed: 3 });
    assert.equal(window.net(0), 0);
    window.add(100, { joined: 4, lost: 2 });
    assert.equal(window.net(100), -1);
  });

  it("forgets all when cleared", () => {
    const window = new LossWindow(6000);
    window.add(0, { lost: 3 });
    window.clear();
    assert.equal(window.net(0), 0);
  });

  it("does not know losses of a span of nothing", () => {
    const window = new LossWindow(0);
    window.add(0, { lost: 3 });
    assert.equal(window.net(1000), 0);
  });
});
