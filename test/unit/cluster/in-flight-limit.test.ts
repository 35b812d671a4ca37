import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { FixedLimit, GradientLimit, type Limit } from "../../../src/cluster/gradient-limit.ts";
import type { Decision } from "../../../src/base/request-record.ts";
import type { Exchange } from "../../../src/http/exchange.ts";
import { turn } from "../../../src/testing/index.ts";
import { clusterBench } from "../../fakes/cluster-bench.ts";

async function settled(): Promise<void> {
  for (let n = 0; n < 10; n++) await turn();
}

async function limited(limit: Limit, maxPending = 1000) {
  const bench = clusterBench({ newLimit: () => limit, maxPending });
  bench.source.at(80);
  const send = async (): Promise<Exchange> => {
    const x = bench.send();
    await settled();
    return x;
  };
  return { ...bench, send };
}

test("who comes beyond the limit waits, in order, and is let in as others end", async () => {
  const { send, transport, hearer, clock, slots } = await limited(new FixedLimit(2));
  const [a, b, c, d] = [await send(), await send(), await send(), await send()];
  assert.equal(transport.busy.length, 2);
  clock.advance(30);
  transport.of(a).reply(a);
  await settled();
  transport.of(c).reply(c);
  assert.deepEqual(hearer.of(c), ["200", "end"]);
  const [waited] = c.values[slots.decisions] as Decision[];
  assert.deepEqual([waited?.kind, waited?.ms], ["waited", 30]);
  transport.of(b).reply(b);
  await settled();
  transport.of(d).reply(d);
  assert.deepEqual(hearer.of(d), ["200", "end"]);
});

test("no more wait than the file says, or behind a limit that is learnt than may be under way; the rest is refused at once", async () => {
  for (const [limit, maxPending, waiting] of [
    [new FixedLimit(1), 2, 2],
    [new FixedLimit(3), 1, 1],
    [new GradientLimit(5), 1000, 5],
  ] as const) {
    const { send, hearer, metrics } = await limited(limit, maxPending);
    const sent: Exchange[] = [];
    for (let n = limit.most + waiting; n > 0; n--) sent.push(await send());
    for (const x of sent) assert.deepEqual(hearer.of(x), []);
    assert.deepEqual(hearer.of(await send()), ["cluster.overloaded", "end"]);
    const shed = metrics.families().find(({ spec }) => spec.name === "linkspan_cluster_shed_total");
    assert.deepEqual(
      shed?.series.map((each) => ("value" in each ? each.value : undefined)),
      [1],
    );
  }
});

test("a caller that leaves gives its place in the line up, and one that was under way lets the next one in", async () => {
  const { send, transport, hearer } = await limited(new FixedLimit(1), 1);
  const [a, b, c] = [await send(), await send(), await send()];
  assert.deepEqual(hearer.of(c), ["cluster.overloaded", "end"]);
  b.cancel(failures["downstream.gone"]);
  assert.deepEqual(hearer.of(b), ["downstream.gone", "end"]);
  const d = await send();
  a.cancel(failures["downstream.gone"]);
  await settled();
  transport.of(d).reply(d);
  assert.deepEqual(hearer.of(d), ["200", "end"]);
});

test("whoever waits too long is refused", async () => {
  const { send, hearer, clock } = await limited(new FixedLimit(1), 1);
  await send();
  const late = await send();
  clock.advance(10_000);
  assert.deepEqual(hearer.of(late), ["cluster.overloaded", "end"]);
});

test("a line of those that end at once is worked off without going deeper with each", async () => {
  const { send, hearer, transport, source } = await limited(new FixedLimit(900));
  const sent: Exchange[] = [];
  for (let n = 0; n < 1800; n++) sent.push(await send());
  source.at();
  for (const { attempts } of transport.busy) for (const x of attempts.keys()) transport.of(x).reply(x);
  await settled();
  for (const x of sent) assert.equal(hearer.of(x).at(-1), "end");
});
