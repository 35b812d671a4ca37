/** Binding: which tree a name comes to, and that it always comes to an end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { failed, ok } from "../../../src/base/var.ts";
import { fail, neg } from "../../../src/naming/name-tree.ts";
import { Path } from "../../../src/naming/path.ts";
import { bindNow, bound, DialNamer, explainNow, toPath } from "../../fakes/naming-fixture.ts";

const echo = "/p/echo=>/$/inet/127.1/1; /p/ohce=>/$/inet/127.1/2; /svc=>/p/echo; /svc/idk=>/$/fail; /svc/dog=>/p/ohce";
const humbug = "/bah/humbug=>/$/inet/127.1/8080; /foo=>/bah | /$/fail; /foo=>/bar; /boo=>/foo";

test("names come to what the rules say", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["", "/foo/bar", "~"],
    ["/foo=>/$/inet/8080", "/foo", "/$/inet/8080@/"],
    ["/foo=>/bar;/foo=>/biz;/biz=>/$/inet/8080;/bar=>/$/inet/9090", "/foo", "/$/inet/8080@/"],
    ["/foo=>/biz;/biz=>/$/inet/8080;/bar=>/$/inet/9090;/foo=>/bar", "/foo", "/$/inet/9090@/"],
    ["/a => ! | /$/inet/1", "/a", "!"],
    ["/a => ~ | /$/fail | /$/inet/1", "/a", "!"],
    ["/a => /$/nil | /$/fail | /$/inet/1", "/a", "$"],
    ["/foo => $; /foo => ~", "/foo", "$"],
    [echo, "/svc/cat", "/$/inet/127.1/1@/cat"],
    [echo, "/svc/dog/bark", "/$/inet/127.1/2@/bark"],
    [echo, "/svc/idk", "!"],
    ["/svc/* => /$/inet/127.1/9", "/svc/anything/x", "/$/inet/127.1/9@/x"],
    [humbug, "/boo/humbug/ya", "/$/inet/127.1/8080@/ya"],
    [humbug, "/boo/lol", "!"],
    ["/a => 3*/$/inet/1 & 2*/none & /$/inet/2", "/a", "3.00*/$/inet/1@/ & /$/inet/2@/"],
    ["/a => 3*/$/inet/1 & 2*/none", "/a", "/$/inet/1@/"],
    ["/a => /$", "/a", "~"],
    ["/a => /%/x/#/b", "/a", "~"],
  ];
  for (const [dtab, path, expected] of cases) assert.equal(bindNow(dtab, path), expected, `${dtab} ${path}`);
});

test("a kind of system namer that does not exist fails the name, and no alternative hides it", () => {
  assert.equal(bindNow("/a => /$/nope/x | /$/inet/1", "/a"), "failed: Unknown namer: nope for path: /$/nope/x");
});

function namer(answers: Readonly<Record<string, Parameters<ReturnType<DialNamer["dial"]>["set"]>[0]>>): DialNamer {
  const made = new DialNamer();
  for (const [name, state] of Object.entries(answers)) made.dial(name).set(state);
  return made;
}
const registry = (): DialNamer =>
  namer({ up: ok(bound("/up")), no: ok(neg), down: failed(new Error("unreachable")), stop: ok(fail) });
const named = (dtab: string, next = false): string => {
  const whenUnreachable = next ? "next" : "fail";
  return bindNow(dtab, "/a", [{ prefix: Path.read("/reg"), namer: registry(), whenUnreachable }]);
};

test("what could not be asked has not said no: an alt does not go on", () => {
  assert.equal(named("/a => /#/reg/no | /#/reg/up"), "/#/reg/up@/");
  assert.equal(named("/a => /#/reg/down | /#/reg/up"), "failed: unreachable");
  assert.equal(named("/a => /#/reg/wait | /#/reg/up"), "pending");
});

test("a namer that is told so is passed over while it cannot be asked", () => {
  assert.equal(named("/a => /#/reg/down | /#/reg/up", true), "/#/reg/up@/");
  assert.equal(named("/a => (~ | /#/reg/down) | /#/reg/up", true), "/#/reg/up@/");
  assert.equal(named("/a => /#/reg/down | /#/reg/no", true), "failed: unreachable");
  assert.equal(named("/a => /#/reg/wait | /#/reg/up", true), "pending");
});

test("a union leaves out what is pending or failed while something else is there", () => {
  assert.equal(named("/a => /#/reg/up & /#/reg/down & /#/reg/wait"), "/#/reg/up@/");
  assert.equal(named("/a => /#/reg/no & /#/reg/wait"), "pending");
  assert.equal(named("/a => /#/reg/down & /#/reg/wait"), "pending");
  assert.equal(named("/a => /#/reg/no & /#/reg/down"), "failed: unreachable");
  assert.equal(named("/a => /#/reg/no & /#/reg/stop"), "~");
  assert.equal(named("/a => $ & /#/reg/down"), "$");
});

test("a union of nobody, and of who is to get nothing, waits for what is still asked", () => {
  assert.equal(named("/a => $ & /#/reg/wait"), "pending");
  assert.equal(named("/a => 0 * /#/reg/up & 1 * /#/reg/wait"), "pending");
  assert.equal(named("/a => 0 * /#/reg/up & 0 * /#/reg/no"), "/#/reg/up@/");
});

test("what a namer rewrites goes through the dtab again", () => {
  const rewriter = namer({ x: ok(toPath("/there")) });
  const dtab = "/a => /#/rw/x; /there => /$/inet/7070";
  assert.equal(bindNow(dtab, "/a", [{ prefix: Path.read("/rw"), namer: rewriter }]), "/$/inet/7070@/");
});

test("one dentry that says ~ does not hide a namer, two do", () => {
  const namers = [{ prefix: Path.read("/reg"), namer: registry() }];
  assert.equal(bindNow("/#/reg => ~", "/#/reg/up", namers), "/#/reg/up@/");
  assert.equal(bindNow("/#/reg => ~; / => ~", "/#/reg/up", namers), "~");
});

test("a loop is one error that names the dentry used most", () => {
  const depth = /^failed: Max recursion level: 100 reached in Namer lookup of \/a; the dentry used most is "/;
  assert.match(bindNow("/a => /b; /b => /a", "/a"), depth);
  assert.match(bindNow("/x => /y; /a => /a/a", "/a"), /used most is "\/a=>\/a\/a" \(10\d times\)$/);
  assert.match(bindNow("/ => /x", "/a"), depth);
  // As in Finagle, the branch that went too deep is left out of the split that holds it.
  assert.match(bindNow("/a => /a & /$/inet/1", "/a"), /^\(+\/\$\/inet\/1@\/ & /);
});

test("a hostile dtab is given up early, explained or not", () => {
  const wide = `/a => ${Array.from({ length: 500 }, () => "/a/a").join(" & ")}`;
  const nested = `/a => ${"(~ | ".repeat(90)}/a${")".repeat(90)}`;
  const long = `/a => /a${"/b".repeat(900)}`;
  const many = "/=>/a;".repeat(5_000);
  const dtabs = ["/a => /a/a & /a/a", "/a => /a/a | /a/a", "/a => /b & /b; /b => /a & /a", wide, nested, long, many];
  for (const dtab of dtabs) {
    const began = performance.now();
    assert.match(bindNow(dtab, "/a"), /^failed: Max /, dtab.slice(0, 40));
    assert.equal(explainNow(dtab, "/a").outcome.tag, "failed");
    assert(performance.now() - began < 1_500, `${dtab.slice(0, 40)} took ${performance.now() - began} ms`);
  }
});

test("the number of steps is the limit of a whole name", () => {
  const message = bindNow("/a => /a/a & /a/a", "/a");
  assert.match(message, /^failed: Max number of steps: 10000 reached in Namer lookup of \/a; the dentry used most is/);
  assert.match(bindNow(`/a => ~ | ${"/a".repeat(1_200)}`, "/a"), /^failed: Max path size: 1000/);
});
