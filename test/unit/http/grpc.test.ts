import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, failures } from "../../../src/base/failure.ts";
import { answerFailure, wantsGrpcStatus } from "../../../src/http/error-response.ts";
import { Exchange, Layout } from "../../../src/http/exchange.ts";
import { grpcMessage, grpcStatusOf, isGrpc, isGrpcCall, statusTrailers } from "../../../src/http/grpc.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { Headers } from "../../../src/http/headers.ts";

const typed = (type: string): HeaderList => HeaderList.of([["content-type", type]]);

function exchange(version: 11 | 20, type: string): Exchange {
  return new Exchange(
    { version, method: "POST", target: "/pkg.Greeter/Hello", headers: typed(type) },
    { version: 11, status: 0, reason: "", headers: new HeaderList() },
    new Layout(),
  );
}

function fields(headers: Headers): Record<string, string> {
  const all: Record<string, string> = {};
  for (let at = 0; at < headers.size; at++) if (!headers.dropped(at)) all[headers.name(at)] = headers.value(at);
  return all;
}

test("gRPC is told by its content type, with or without a subtype; gRPC-Web is something else", () => {
  const types = ["application/grpc", "application/grpc+proto", "application/grpc;charset=x", "application/grpc-web"];
  assert.deepEqual(
    [...types, "application/grpcx", "application/json"].map((type) => isGrpc(typed(type))),
    [true, true, true, false, false, false],
  );
  assert.equal(isGrpc(new HeaderList()), false);
  assert.deepEqual(
    [isGrpcCall(typed("application/grpc-web+proto")), isGrpcCall(typed("text/plain")), isGrpcCall(new HeaderList())],
    [true, false, false],
  );
});

test("a message is written as gRPC writes it: printable ASCII but the percent sign, UTF-8 in hex for the rest", () => {
  assert.equal(grpcMessage("50% of µ\n~"), "50%25 of %C2%B5%0A~");
  assert.equal(grpcMessage("\ud800"), "%EF%BF%BD");
  assert.ok(grpcMessage("µ".repeat(5_000)).length <= 1024);
  assert.match(grpcMessage("µ".repeat(5_000)), /^(?:%C2%B5)+$/);
});

test("every failure has a gRPC status, its own or the one of its HTTP status", () => {
  assert.equal(grpcStatusOf(failures["name.negative"]), 14);
  assert.equal(grpcStatusOf(failures["attempt.timeout"]), 4);
  assert.equal(grpcStatusOf(failures["grpc.unsupported"]), 12);
  assert.equal(grpcStatusOf(failures["request.malformed"]), 13);
  assert.equal(grpcStatusOf(failures["request.head_too_large"]), 8);
  assert.equal(grpcStatusOf(failures["request.timeout"]), 2);
  for (const each of Object.values(failures)) assert.ok(grpcStatusOf(each) >= 1 && grpcStatusOf(each) <= 16, each.code);
});

test("a gRPC caller gets a failure as an answer that is nothing but a head", () => {
  const x = exchange(20, "application/grpc+proto");
  answerFailure(x, failure("connect.failed", "10.0.0.1:80 is 100% gone"));
  assert.equal(x.response.status, 200);
  assert.equal(x.responseBody.length, 0);
  assert.deepEqual(fields(x.response.headers), {
    "content-type": "application/grpc",
    "grpc-status": "14",
    "grpc-message": "10.0.0.1:80 is 100%25 gone",
    "l5d-err": "10.0.0.1%3A80+is+100%25+gone",
    "linkspan-code": "connect.failed",
  });
});

test("other callers over HTTP/2, and all over HTTP/1, get it as text", () => {
  for (const x of [
    exchange(20, "application/json"),
    exchange(11, "application/grpc"),
    exchange(20, "application/grpc-web"),
  ]) {
    assert.equal(wantsGrpcStatus(x.request), false);
    answerFailure(x, failures["name.negative"]);
    assert.equal(x.response.status, 502);
    assert.equal(x.response.headers.get("content-type"), "text/plain");
    assert.equal(x.response.headers.get("grpc-status"), undefined);
    assert.ok(x.responseBody.length > 0);
  }
});

test("an answer that was broken off ends with the status of the reason", () => {
  assert.deepEqual(fields(statusTrailers(failures["upstream.reset"])), {
    "grpc-status": "14",
    "grpc-message": "The endpoint closed the connection before it had answered.",
    "linkspan-code": "upstream.reset",
  });
});
