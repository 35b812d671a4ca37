/** Bytes in, bytes out: what a caller gets and what a backend sees, for each thing that RFC 9112 speaks of. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Http1Proxy } from "../fakes/http1-proxy.ts";
import { RawBackend } from "../fakes/raw-backend.ts";
import { RawCaller } from "../fakes/raw-caller.ts";
import { readRequests, readResponses } from "../fakes/strict-reader.ts";
import { answers } from "./http1-wire/answers.ts";
import { brokenAnswers } from "./http1-wire/broken-answers.ts";
import { GET, OK } from "./http1-wire/messages.ts";
import { passed } from "./http1-wire/passed.ts";
import { refused } from "./http1-wire/refused.ts";

const statusOf = (got: string): number => Number(got.slice(9, 12));

describe("a request is refused, and its connection closed, where", () => {
  for (const [what, bytes, status, code] of refused) {
    it(what, async () => {
      await using backend = await RawBackend.start(() => OK);
      await using proxy = await Http1Proxy.start(backend.port);
      using caller = await RawCaller.connect(proxy.port);
      caller.send(bytes);
      await caller.until(({ state }) => state === "ended");
      assert.equal(statusOf(caller.got), status);
      assert.match(caller.got, new RegExp(`\r\nlinkspan-code: ${code.replace(".", "\\.")}\r\n`));
      assert.match(caller.got, /\r\nconnection: close\r\n/);
      assert.equal(readResponses(caller.got, [bytes.startsWith("HEAD ") ? "HEAD" : "GET"], true).length, 1);
      assert.deepEqual(backend.seen.join(""), "");
      assert.deepEqual(proxy.bugs, []);
    });
  }
});

describe("a request reaches the backend canonical:", () => {
  for (const [what, bytes, seen] of passed) {
    it(what, async () => {
      await using backend = await RawBackend.start(() => OK);
      await using proxy = await Http1Proxy.start(backend.port);
      using caller = await RawCaller.connect(proxy.port);
      caller.send(bytes);
      await caller.until(({ got }) => got.endsWith("\r\n\r\nok"));
      assert.equal(backend.seen.join("|"), seen);
      assert.equal(readRequests(seen).length, 1);
      assert.equal(statusOf(caller.got), 200);
      assert.deepEqual(proxy.bugs, []);
    });
  }
});

describe("an answer reaches the caller canonical:", () => {
  for (const [what, request, answer, closes, expected, state] of answers) {
    it(what, async () => {
      await using backend = await RawBackend.start((_seen, socket) => {
        if (closes) socket.end(answer, "latin1");
        return closes ? undefined : answer;
      });
      await using proxy = await Http1Proxy.start(backend.port);
      using caller = await RawCaller.connect(proxy.port);
      caller.send(request);
      await caller.until((now) => now.got.length >= expected.length && (state === "open" || now.state !== "open"));
      assert.equal(caller.got, expected);
      assert.equal(caller.state, state);
      assert.deepEqual(proxy.bugs, []);
    });
  }
});

describe("a caller gets 502 where its backend answers with", () => {
  for (const [what, answer, closes, code] of brokenAnswers) {
    it(what, async () => {
      await using backend = await RawBackend.start((_seen, socket) => {
        if (closes) socket.end(answer, "latin1");
        return closes ? undefined : answer;
      });
      await using proxy = await Http1Proxy.start(backend.port);
      using caller = await RawCaller.connect(proxy.port);
      caller.send(GET);
      await caller.until(({ got }) => got.includes(`linkspan-code: ${code}\r\n`));
      const messages = readResponses(caller.got, ["GET"], false);
      assert.match(messages.at(-1)?.line ?? "", /^HTTP\/1\.1 502 /);
      assert.equal(caller.state, "open", "the caller did nothing wrong");
      await caller.until(() => backend.gone === 1);
      assert.deepEqual(proxy.bugs, []);
    });
  }
});
