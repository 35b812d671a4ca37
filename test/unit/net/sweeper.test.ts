/** Tests of the one timer for all deadlines. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Sweeper, type Swept, TICK_MS } from "../../../src/net/sweeper.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

class Connection implements Swept {
  readonly checks: number[] = [];
  check(now: number): void {
    this.checks.push(now);
  }
}

describe("a sweeper", () => {
  it("checks each connection once a tick", () => {
    const clock = new FakeClock();
    const sweeper = new Sweeper(clock);
    const [first, second] = [new Connection(), new Connection()];
    sweeper.add(first);
    sweeper.add(second);
    clock.advance(2 * TICK_MS);
    assert.deepEqual(first.checks, [TICK_MS, 2 * TICK_MS]);
    assert.deepEqual(second.checks, first.checks);
    assert.equal(sweeper.now, 2 * TICK_MS);
  });

  it("has one timer while there is something to check, and none after", () => {
    const clock = new FakeClock();
    const sweeper = new Sweeper(clock);
    assert.equal(clock.waiting, 0);
    const connection = new Connection();
    sweeper.add(connection);
    sweeper.add(new Connection());
    assert.equal(clock.waiting, 1);
    sweeper[Symbol.dispose]();
    assert.equal(clock.waiting, 0);
    const other = new Sweeper(clock);
    other.add(connection);
    other.remove(connection);
    clock.advance(TICK_MS);
    assert.equal(clock.waiting, 0);
    assert.deepEqual(connection.checks, []);
  });

  it("bears a connection that leaves while it is checked", () => {
    const clock = new FakeClock();
    const sweeper = new Sweeper(clock);
    const seen: string[] = [];
    const leaver: Swept = {
      check: () => {
        seen.push("leaver");
        sweeper.remove(leaver);
      },
    };
    sweeper.add(leaver);
    sweeper.add({ check: () => seen.push("stayer") });
    clock.advance(2 * TICK_MS);
    assert.deepEqual(seen, ["leaver", "stayer", "stayer"]);
  });

  it("knows the time anew when it starts again", () => {
    const clock = new FakeClock();
    const sweeper = new Sweeper(clock);
    clock.advance(5000);
    sweeper.add(new Connection());
    assert.equal(sweeper.now, 5000);
  });
});
