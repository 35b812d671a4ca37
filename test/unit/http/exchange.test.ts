/** Tests of the exchange and the upper end of its chain. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { Exchange, Layout, toDownstream } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";

const newExchange = (layout: Layout): Exchange =>
  new Exchange(
    { version: 11, method: "GET", target: "/", headers: new HeaderList() },
    { version: 11, status: 0, reason: "", headers: new HeaderList() },
    layout,
  );

describe("an exchange", () => {
  it("forgets everything but its connection when it is reset, and grows with the layout", () => {
    const layout = new Layout();
    const number = layout.number();
    const x = newExchange(layout);
    const connection = { respond: () => undefined, finish: () => undefined };
    x.downstream = connection;
    x.numbers[number] = 7;
    x.failure = failures.internal;
    x.sent = true;
    const value = layout.value();
    const second = layout.number();
    x.reset(layout);
    assert.equal(x.epoch, 1);
    assert.equal(x.numbers[number], 0);
    assert.equal(x.numbers[second], 0);
    assert.equal(x.values[value], undefined);
    assert.equal(x.failure, undefined);
    assert.equal(x.sent, false);
    assert.equal(x.downstream, connection);
  });

  it("hands cancel and abandon to whoever holds it", () => {
    const x = newExchange(new Layout());
    const heard: string[] = [];
    x.abandon();
    x.cancel(failures.internal);
    x.holder = { cancel: (_x, failure) => heard.push(failure.code), abandon: () => heard.push("abandon") };
    x.cancel(failures["total.timeout"]);
    x.abandon();
    assert.deepEqual(heard, ["total.timeout", "abandon"]);
  });

  it("answers to the connection that it came on", () => {
    const x = newExchange(new Layout());
    toDownstream.respond(x);
    toDownstream.finish(x);
    const heard: string[] = [];
    x.downstream = { respond: () => heard.push("respond"), finish: () => heard.push("finish") };
    toDownstream.respond(x);
    toDownstream.finish(x);
    assert.deepEqual(heard, ["respond", "finish"]);
  });
});
