/** Tests of how the head of a request is taken out of what has come. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DownstreamInput } from "../../../src/http1/downstream-input.ts";
import { HeadIntake } from "../../../src/http1/head-intake.ts";
import { defaultHeadLimits } from "../../../src/http1/limits.ts";
import { RequestHeadReader } from "../../../src/http1/request-head.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

function intake(): { take: (text: string) => boolean | string; input: DownstreamInput; head: RequestHeadReader } {
  const input = new DownstreamInput(new FakeSocket());
  const head = new RequestHeadReader(defaultHeadLimits);
  const it = new HeadIntake(head, defaultHeadLimits);
  return {
    input,
    head,
    take: (text) => {
      input.push(Buffer.from(text, "latin1"));
      return it.take(input);
    },
  };
}

describe("a head is taken", () => {
  it("when it is whole, up to its end", () => {
    const { take, input, head } = intake();
    assert.equal(take("GET /x HTTP/1.1\r\nHo"), false);
    assert.equal(take("st: a\r\n\r"), false);
    assert.equal(take("\nrest"), true);
    assert.equal(head.target, "/x");
    assert.equal(input.bytes.toString("latin1", input.at), "rest");
  });

  it("behind one empty line, in whatever pieces", () => {
    const { take, head } = intake();
    assert.equal(take("\r"), false);
    assert.equal(take("\n"), false);
    assert.equal(take("GET /y HTTP/1.1\r\nHost: a\r\n\r\n"), true);
    assert.equal(head.target, "/y");
    assert.equal(intake().take("\r\n\r\nGET / HTTP/1.1\r\n"), "line.method");
  });

  it("or refused as soon as it can be no head", () => {
    assert.equal(intake().take("GET / HTTP/1.1\nHost"), "head.ending");
    assert.equal(intake().take("\x16\x03\x01"), "head.byte");
  });
});
