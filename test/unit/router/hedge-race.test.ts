import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { ClusterSlots } from "../../../src/cluster/slots.ts";
import { type BodySink, type BodySource, noBody } from "../../../src/http/body.ts";
import { type Exchange, Layout, type Responder } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { childOf, HedgeRace } from "../../../src/router/hedge-race.ts";
import { RouterSlots } from "../../../src/router/slots.ts";
import { exchangeOf } from "../../fakes/router-bench.ts";

/** A body that a test sends by hand. */
class Told implements BodySource {
  readonly length = -1;
  readonly started = false;
  sink: BodySink | undefined;
  pipe(sink: BodySink): void {
    this.sink = sink;
  }
  drained(): void {
    // Nothing is held back here.
  }
}

/** Holds both attempts, as connections do, and writes down what the caller hears. */
class Course implements Responder {
  readonly layout = new Layout();
  readonly slots = new RouterSlots(this.layout, new ClusterSlots(this.layout));
  readonly x = exchangeOf(this.layout, [["Host", "users"]]);
  readonly child = childOf(this.x, this.layout, this.slots);
  readonly race = new HedgeRace(this.x, this.child, this, this.slots);
  readonly heard: string[] = [];
  readonly ended: string[] = [];

  constructor() {
    for (const y of [this.x, this.child]) this.#hold(y);
  }

  #hold(y: Exchange): void {
    y.holder = {
      cancel: (_, failure) => this.#end(y, failure.code),
      abandon: () => this.#end(y, "abandoned"),
    };
  }

  #end(y: Exchange, how: string): void {
    y.holder = undefined;
    this.ended.push(`${y === this.x ? "own" : "child"} ${how}`);
    this.race.finish(y);
  }

  /** The child is answered; more of its body is to come. */
  childAnswers(body: BodySource = noBody): void {
    const { child } = this;
    child.response.status = 203;
    child.response.headers = HeaderList.of([["x-from", "child"]]);
    child.responseBody = body;
    child.answeredAt = 7;
    this.race.respond(child);
  }

  respond(x: Exchange): void {
    this.heard.push(x.failure?.code ?? String(x.response.status));
  }

  finish(x: Exchange): void {
    this.heard.push(`end${x.broken === undefined ? "" : ` ${x.broken.code}`}`);
  }
}

test("the answer of a child goes on with its body, and its trailers are there before the body's end is heard", () => {
  const course = new Course();
  const body = new Told();
  const { x, child, heard } = course;
  course.childAnswers(body);
  assert.deepEqual([heard, course.ended, x.answeredAt], [["203"], ["own abandoned"], 7]);
  const told: string[] = [];
  x.responseBody.pipe({
    chunk: (bytes) => told.push(Buffer.from(bytes).toString()) > 0,
    end: () => void told.push(`end ${x.trailers?.get("grpc-status")}`),
    fail: (failure) => void told.push(failure.code),
    flush: () => undefined,
  });
  assert.equal(body.sink?.chunk(Buffer.from("some")), true);
  child.trailers = HeaderList.of([["grpc-status", "5"]]);
  body.sink?.end(child.trailers);
  course.race.finish(child);
  assert.deepEqual(told, ["some", "end 5"]);
  assert.deepEqual(heard, ["203", "end"]);
  assert.equal(x.holder, undefined);
});

test("an answer of a child that breaks off is broken off with its reason, which is there before it is heard", () => {
  const course = new Course();
  const body = new Told();
  course.childAnswers(body);
  const told: string[] = [];
  course.x.responseBody.pipe({
    chunk: () => true,
    end: () => void told.push("end"),
    fail: (failure) => void told.push(`${failure.code}, ${course.x.broken?.code}`),
    flush: () => undefined,
  });
  course.child.broken = failures["upstream.reset"];
  body.sink?.fail(failures["upstream.reset"]);
  course.race.finish(course.child);
  assert.deepEqual(told, ["upstream.reset, upstream.reset"]);
  assert.deepEqual(course.heard, ["203", "end upstream.reset"]);
});

test("a caller that leaves during the answer of a child ends the child, and the request once", () => {
  const course = new Course();
  course.childAnswers(new Told());
  course.x.cancel(failures["downstream.gone"]);
  assert.deepEqual(course.ended, ["own abandoned", "child downstream.gone"]);
  assert.deepEqual(course.heard, ["203", "end"]);
});

test("an answer of a child that is not wanted is given up at the child", () => {
  const course = new Course();
  course.childAnswers(new Told());
  course.x.abandon();
  assert.deepEqual(course.ended, ["own abandoned", "child abandoned"]);
  assert.deepEqual([course.heard, course.x.holder], [["203", "end"], undefined]);
});

test("an attempt that is given up while both run, or while only the child does, ends the child, and is heard once", () => {
  for (const left of [2, 1]) {
    const course = new Course();
    if (left === 1) {
      course.x.failure = failures["connect.failed"];
      course.race.respond(course.x);
      course.race.finish(course.x);
    }
    course.x.abandon();
    assert.deepEqual(course.ended, left === 2 ? ["own abandoned", "child abandoned"] : ["child abandoned"]);
    assert.deepEqual([course.heard, course.x.holder, course.child.holder], [["end"], undefined, undefined]);
  }
});
