/** gRPC calls that one instance does not serve: which are tried again elsewhere, and what is thought of the instance. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { constants, createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { Metadata, status } from "@grpc/grpc-js";
import { type Handlers, startGrpcBackend } from "../fakes/grpc-peers.ts";
import { grpcSite, texts } from "./grpc-site.ts";

describe("a call that an instance did not serve", { timeout: 120_000 }, () => {
  /** Two instances, of which one serves, and how often each was asked. */
  async function two(refusing: Partial<Handlers>, router: readonly string[]) {
    const asked = { good: 0, bad: 0 };
    const backends = new AsyncDisposableStack();
    const good = backends.use(
      await startGrpcBackend({
        unary: (call, reply) => {
          asked.good++;
          reply(null, call.request);
        },
      }),
    );
    const bad = backends.use(
      await startGrpcBackend({
        unary: (...given) => {
          asked.bad++;
          refusing.unary?.(...given);
        },
      }),
    );
    const site = backends.use(await grpcSite({ echo: [good.port, bad.port] }, { router }));
    return { asked, caller: site.caller("echo"), [Symbol.asyncDispose]: () => backends.disposeAsync() };
  }

  it("is tried again elsewhere where its status says so, with its whole message", async () => {
    await using here = await two(
      { unary: (_call, reply) => reply({ code: status.UNAVAILABLE, details: "going down" }) },
      ["service: {responseClassifier: {kind: io.l5d.h2.grpc.default}}", "client: {failureAccrual: {kind: none}}"],
    );
    for (let at = 0; at < 30; at++) {
      const outcome = await here.caller.unary(Buffer.from(`${at}`));
      assert.deepEqual([outcome.code, texts(outcome)], [status.OK, [`${at}`]]);
    }
    assert.equal(here.asked.good, 30);
    assert.ok(here.asked.bad > 5, `${here.asked.bad}`);
  });

  it("takes the instance out when it goes on so, also where only the trailers tell", async () => {
    await using here = await two(
      {
        unary: (call, reply) => {
          call.sendMetadata(new Metadata());
          setTimeout(() => reply({ code: status.INTERNAL, details: "at its end" }), 5);
        },
      },
      [
        "service: {responseClassifier: {kind: io.l5d.h2.grpc.neverRetryable}}",
        "client: {loadBalancer: {kind: roundRobin}}",
      ],
    );
    for (let at = 0; at < 60; at++) await here.caller.unary(Buffer.from("m"));
    assert.equal(here.asked.good + here.asked.bad, 60);
    assert.ok(here.asked.bad >= 5 && here.asked.bad < 10, `${here.asked.bad}`);
  });

  it("is not where its message is longer than what is kept, nor where the classifier says no", async () => {
    const unavailable: Partial<Handlers> = { unary: (_call, reply) => reply({ code: status.UNAVAILABLE }) };
    const rules = [
      ["io.l5d.h2.grpc.default", 20_000],
      ["io.l5d.h2.grpc.neverRetryable", 1],
    ] as const;
    for (const [kind, size] of rules) {
      const service = `service: {responseClassifier: {kind: ${kind}}}`;
      await using here = await two(unavailable, [service, "client: {failureAccrual: {kind: none}}"]);
      const codes = new Set<status>();
      for (let at = 0; at < 30; at++) codes.add((await here.caller.unary(Buffer.alloc(size))).code);
      assert.deepEqual(
        [...codes].toSorted((a, b) => a - b),
        [status.OK, status.UNAVAILABLE],
        kind,
      );
    }
  });

  it("goes to another one when its stream was refused", async () => {
    let refused = 0;
    await using refusing = createServer().listen(0, "127.0.0.1");
    refusing.on("stream", (stream: ServerHttp2Stream) => {
      refused++;
      stream.on("error", () => undefined);
      // Not before the message is here: it was on its way already.
      stream.once("data", () => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    });
    await once(refusing, "listening");
    await using good = await startGrpcBackend();
    const ports = [good.port, (refusing.address() as AddressInfo).port];
    await using site = await grpcSite({ echo: ports }, { router: ["client: {failureAccrual: {kind: none}}"] });
    const caller = site.caller("echo");
    for (let at = 0; at < 30; at++) {
      const outcome = await caller.unary(Buffer.from(`${at}`));
      assert.deepEqual([outcome.code, texts(outcome)], [status.OK, [`${at}`]]);
    }
    assert.ok(refused > 3, `${refused}`);
  });
});
