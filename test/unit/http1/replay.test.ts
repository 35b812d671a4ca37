/** Tests of when a request may be sent again. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Exchange, Layout } from "../../../src/http/exchange.ts";
import type { BodySource } from "../../../src/http/body.ts";
import { Replay, unprocessed } from "../../../src/http1/replay.ts";
import { plainExchange } from "../../fakes/plain-exchange.ts";

const body: BodySource = { length: 3, started: false, pipe: () => undefined, drained: () => undefined };

const asked = (method: string, requestBody?: BodySource): Exchange => {
  const x = plainExchange(new Layout(), method);
  if (requestBody) x.requestBody = requestBody;
  return x;
};

describe("what is lost with a connection", () => {
  it("may be sent again where it is safe, and the connection had served before and said nothing now", () => {
    const replay = new Replay();
    replay.begin(asked("GET"));
    assert.equal(replay.loss.flags.has("retryable"), false, "a new connection");
    replay.heard();
    replay.served();
    replay.begin(asked("GET"));
    assert.equal(replay.loss, unprocessed);
    replay.heard();
    assert.equal(replay.loss.flags.has("retryable"), false, "something was heard");
  });

  it("may not be sent again with another method, or a body", () => {
    for (const x of [asked("POST"), asked("GET", body)]) {
      const replay = new Replay();
      replay.served();
      replay.begin(x);
      assert.equal(replay.loss.flags.has("retryable"), false);
    }
  });
});
