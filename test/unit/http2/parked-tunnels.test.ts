/** Tests of tunnels that wait for the endpoint's settings. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { Layout } from "../../../src/http/exchange.ts";
import { ParkedTunnels } from "../../../src/http2/parked-tunnels.ts";
import { Hearer, plainExchange } from "../../fakes/plain-exchange.ts";

it("they are sent on in order, or failed, or let go one by one", () => {
  const layout = new Layout();
  const tunnels = new ParkedTunnels();
  const hearer = new Hearer();
  const [first, second, third, fourth] = Array.from({ length: 4 }, () => plainExchange(layout));
  assert.ok(first && second && third && fourth);
  for (const x of [first, second, third, fourth]) tunnels.park(x, hearer);
  second.cancel(failures["total.timeout"]);
  third.abandon();
  assert.equal(tunnels.size, 2);
  const sent: unknown[] = [];
  tunnels.release((x, back) => sent.push([x === first || x === fourth, back === hearer, x.holder]));
  assert.deepEqual(sent, [
    [true, true, undefined],
    [true, true, undefined],
  ]);
  tunnels.park(first, hearer);
  tunnels.failAll(failures["upstream.no_upgrade"]);
  assert.equal(tunnels.size, 0);
  assert.deepEqual(
    [first, second, third].map((x) => hearer.of(x)),
    [["upstream.no_upgrade", "end"], ["total.timeout", "end"], ["end"]],
  );
});
