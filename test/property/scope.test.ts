import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Scope } from "../../src/base/scope.ts";

/** A tree of resources and child scopes; a number is a resource, negative ones fail to close. */
type Plan = number | readonly Plan[];
const plan = fc.letrec<{ plan: Plan; list: readonly Plan[] }>((tie) => ({
  plan: fc.oneof({ maxDepth: 3 }, fc.integer({ min: -20, max: 100 }), tie("list")),
  list: fc.array(tie("plan"), { maxLength: 5 }),
})).list;

function build(scope: Scope, of: readonly Plan[], closed: number[], opened: number[]): void {
  for (const each of of) {
    if (typeof each !== "number") {
      build(scope.child(), each, closed, opened);
      continue;
    }
    const id = opened.length;
    opened.push(each);
    const close = (): void => {
      closed.push(id);
      if (each < 0) throw new Error(`resource ${id}`);
    };
    if (each % 2 === 0) scope.own({ [Symbol.dispose]: close });
    else scope.own({ [Symbol.asyncDispose]: async () => close() });
  }
}

function failuresIn(error: unknown): number {
  return error instanceof AggregateError ? error.errors.reduce<number>((sum, each) => sum + failuresIn(each), 0) : 1;
}

describe("the laws of a scope", () => {
  it("closes everything once, in reverse order, whatever fails, and gathers what failed", async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (of) => {
        const scope = new Scope();
        const [closed, opened]: [number[], number[]] = [[], []];
        build(scope, of, closed, opened);
        const failing = opened.filter((each) => each < 0).length;
        const outcome = await scope.close().then(
          () => 0,
          (error: unknown) => failuresIn(error),
        );
        assert.equal(outcome, failing);
        assert.deepEqual(closed, opened.map((_each, id) => id).toReversed());
        assert.equal(scope.close(), scope.close());
        assert.equal(scope.signal.aborted, true);
      }),
    );
  });

  it("closes at once what comes too late", async () => {
    const scope = new Scope();
    await scope.close();
    let closed = 0;
    scope.own({ [Symbol.dispose]: () => void closed++ });
    scope.defer(() => void closed++);
    assert.equal(closed, 2);
  });

  it("forgets a child that closed before it", async () => {
    const scope = new Scope();
    let closed = 0;
    const child = scope.child();
    child.defer(() => void closed++);
    await child.close();
    await scope.close();
    assert.equal(closed, 1);
  });

  it("leaves what is not closed by the deadline, says so, and closes the rest", async () => {
    const scope = new Scope();
    let closed = false;
    scope.defer(() => void (closed = true));
    scope.own({ [Symbol.asyncDispose]: () => new Promise<void>(() => undefined) });
    const deadline = new AbortController();
    const closing = scope.close(deadline.signal);
    deadline.abort();
    await assert.rejects(closing, (error: unknown) => {
      assert.ok(error instanceof AggregateError);
      assert.match(String(error.errors[0]), /not closed by the deadline/);
      return true;
    });
    assert.equal(closed, true);
  });
});
