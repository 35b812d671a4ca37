import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { NamerdServer } from "../../../../namers/namerd/server.ts";
import { AddressSet } from "../../../../src/base/address.ts";
import type { HttpAnswer, HttpClient, HttpOrigin, HttpRequest } from "../../../../src/base/http.ts";
import { failed, ok } from "../../../../src/base/var.ts";
import type { NameTree } from "../../../../src/naming/name-tree.ts";
import type { Bound } from "../../../../src/naming/namer.ts";
import { Path } from "../../../../src/naming/path.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { bound, Dial } from "../../../fakes/naming-fixture.ts";

const at = (...ports: readonly number[]): AddressSet =>
  AddressSet.of(ports.map((port) => ({ host: "10.0.0.1", port, weight: 1 })));

/** A namerd that answers every question as the test says; `open` are the ports that there are clients of. */
class Scene implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly tree = new Dial<NameTree<Bound>>();
  readonly addresses = new Dial<AddressSet>();
  readonly asked: string[] = [];
  readonly open: number[] = [];
  answers: (port: number) => { readonly status: number; readonly text: string } | Error = () => ({
    status: 200,
    text: "[]",
  });
  readonly server = new NamerdServer(
    { dst: Path.read("/svc/namerd"), tls: undefined },
    { clock: this.clock, bind: () => this.tree.var, http: { open: (origin) => this.#open(origin) }, baseDir: "/" },
  );

  /** `dst` is bound, to these. */
  says(...ports: readonly number[]): void {
    this.addresses.set(ok(at(...ports)));
    this.tree.set(ok(bound("/#/n/namerd", "/", this.addresses.var)));
  }

  ask(signal = new AbortController().signal): Promise<HttpAnswer> {
    return this.server.ask({ path: "/api/1/x", signal });
  }

  #open({ port = 0 }: HttpOrigin): HttpClient {
    this.open.push(port);
    return {
      connections: 0,
      closed: 0,
      request: async ({ path }: HttpRequest) => {
        this.asked.push(`${port} ${path}`);
        const said = this.answers(port);
        if (said instanceof Error) throw said;
        const { status, text } = said;
        const dispose = (): void => undefined;
        return { status, headers: {}, text: async () => text, [Symbol.dispose]: dispose } as unknown as HttpAnswer;
      },
      [Symbol.asyncDispose]: async () => void this.open.splice(this.open.indexOf(port), 1),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]();
  }
}

const unknown = "it is not known where namerd is: ";

test("a question waits until it is known where namerd is, and no longer than five seconds", async () => {
  await using scene = new Scene();
  const early = scene.ask();
  scene.says(1);
  assert.equal((await early).status, 200);
  await using lost = new Scene();
  const late = lost.ask();
  lost.clock.advance(5_000);
  await assert.rejects(late, new Error(`${unknown}/svc/namerd has no address`));
  assert.equal(lost.clock.waiting, 0);
});

test("why its address is not known is told at once, and forgotten when there is one", async () => {
  await using scene = new Scene();
  const waiting = scene.ask();
  scene.tree.set(failed(new Error("the registry is away")));
  await assert.rejects(waiting, new Error(`${unknown}the registry is away`));
  await assert.rejects(scene.ask(), new Error(`${unknown}the registry is away`));
  scene.says(1);
  assert.equal((await scene.ask()).status, 200);
});

test("whoever has no address any more is asked at the last ones, until there are others; those that left are closed", async () => {
  await using scene = new Scene();
  scene.says(1);
  await scene.ask();
  scene.says();
  scene.addresses.set(failed(new Error("away")));
  await scene.ask();
  assert.deepEqual([scene.asked.length, scene.open], [2, [1]]);
  scene.says(2);
  assert.deepEqual(scene.open, []);
  await scene.ask();
  assert.equal(scene.asked.at(-1), "2 /api/1/x");
});

test("after a failure the next question goes to another address; what was answered is told in a line", async () => {
  await using scene = new Scene();
  scene.says(1, 2);
  await scene.ask();
  scene.answers = (port) => (port === 1 ? { status: 503, text: " too\n busy " } : new Error("reset"));
  await assert.rejects(scene.ask(), new Error("namerd at 10.0.0.1:1 answered 503 (too busy)"));
  await assert.rejects(scene.ask(), new Error("reset"));
  scene.answers = () => ({ status: 404, text: "" });
  await assert.rejects(scene.ask(), new Error("namerd at 10.0.0.1:1 answered 404 (no reason given)"));
  assert.deepEqual(scene.open, [1, 2]);
});

test("a question that is given up while it waits ends then, and leaves nothing at its signal", async () => {
  await using scene = new Scene();
  const end = new AbortController();
  const question = scene.ask(end.signal);
  end.abort(new Error("nobody needs it"));
  await assert.rejects(question, new Error("nobody needs it"));
  await assert.rejects(scene.ask(end.signal), new Error("nobody needs it"));
  const { signal } = new AbortController();
  for (let n = 0; n < 3; n++) {
    const answer = scene.ask(signal);
    scene.clock.advance(5_000);
    await assert.rejects(answer);
  }
  assert.deepEqual([getEventListeners(signal, "abort").length, scene.clock.waiting], [0, 0]);
});

test("closing ends questions that wait, and all clients; later ones are refused", async () => {
  const scene = new Scene();
  const waiting = scene.ask();
  await scene[Symbol.asyncDispose]();
  await assert.rejects(waiting, /it is not known where namerd is/);
  await assert.rejects(scene.ask(), /it is not known where namerd is/);
  const used = new Scene();
  used.says(1);
  await used.ask();
  await used[Symbol.asyncDispose]();
  assert.deepEqual([used.open, used.addresses.observed], [[], false]);
});
