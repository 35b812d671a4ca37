import assert from "node:assert/strict";
import { test } from "node:test";
import type { Namer } from "../../../../src/naming/namer.ts";
import { builtins } from "../../../../src/builtins.ts";
import { Path } from "../../../../src/naming/path.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { now } from "../../../fakes/naming-fixture.ts";

async function namerOf(kind: string): Promise<Namer> {
  for (const plugin of builtins) {
    if (plugin.family === "systemNamer" && plugin.kind === kind) {
      return plugin.create(plugin.schema.parse({}) as never, testContext());
    }
  }
  throw new Error(`no plugin for ${kind}`);
}

/** What a path under `/$/` becomes; `~` where that is nothing. */
async function rewritten(text: string): Promise<string> {
  const [kind = "", ...rest] = Path.read(`/${text}`).elems;
  const namer = await namerOf(kind);
  const state = now(namer.lookup(Path.from(rest)));
  if (state.tag !== "ok") return state.tag;
  if (state.value.tag !== "leaf" || state.value.value.kind !== "path") return "~";
  return state.value.value.path.show;
}

const cases: Readonly<Record<string, string>> = {
  "io.buoyant.http.anyMethod/GET/foo/bar/bah": "/foo/bar/bah",
  "io.buoyant.http.anyMethod/A.B/foo/bar": "~",
  "io.buoyant.http.anyMethod": "~",
  "io.buoyant.http.anyMethod/GET": "/",
  "io.buoyant.http.anyMethodPfx/foo/GET/bar/bah": "/foo/bar/bah",
  "io.buoyant.http.anyMethodPfx/foo/A.B/bar/bah": "~",
  "io.buoyant.http.anyMethodPfx/foo": "~",
  "io.buoyant.http.anyHost/a.b/foo/bar/bah": "/foo/bar/bah",
  "io.buoyant.http.anyHost/a%b/foo": "~",
  "io.buoyant.http.anyHostPfx/foo/a.b/bar/bah": "/foo/bar/bah",
  "io.buoyant.http.anyHostPfx/foo/a%b/bar/bah": "~",
  "io.buoyant.http.subdomainOf/a.b/foo.a.b/bar/bah": "/foo/bar/bah",
  "io.buoyant.http.subdomainOf/a.b/x.y.a.b": "/x.y",
  "io.buoyant.http.subdomainOf/a.b/a.b": "~",
  "io.buoyant.http.subdomainOf/a.b/.a.b": "~",
  "io.buoyant.http.subdomainOf/a.b/fooa.b": "~",
  "io.buoyant.http.subdomainOf/a.b/foo.A.b": "~",
  "io.buoyant.http.subdomainOf/a.b": "~",
  "io.buoyant.http.subdomainOfPfx/a.b/foo/bar.a.b/bah": "/foo/bar/bah",
  "io.buoyant.http.subdomainOfPfx/a.b/foo/bar_suffix.a.b/bah": "/foo/bar_suffix/bah",
  "io.buoyant.http.subdomainOfPfx/a.b/foo/bar-suffix.a.b/bah": "/foo/bar-suffix/bah",
  "io.buoyant.http.subdomainOfPfx/a.b/foo/bar.a.b:9090/bah": "/foo/bar/bah",
  "io.buoyant.http.subdomainOfPfx/a.b/foo/a.b/bah": "~",
  "io.buoyant.http.domainToPath/foo.buoyant.io": "/io/buoyant/foo",
  "io.buoyant.http.domainToPath/foo.com:8080/x": "/com:8080/foo/x",
  "io.buoyant.http.domainToPath/a..b": "~",
  "io.buoyant.http.domainToPath/.a.b": "~",
  "io.buoyant.http.domainToPath": "~",
  "io.buoyant.http.domainToPathPfx/pfx/foo.buoyant.io/x": "/pfx/io/buoyant/foo/x",
  "io.buoyant.http.domainToPathPfx/pfx": "~",
  "io.buoyant.hostportPfx/ia/127.1:8080/etc": "/ia/127.1/8080/etc",
  "io.buoyant.hostportPfx/ia/google.com:8180/etc": "/ia/google.com/8180/etc",
  "io.buoyant.hostportPfx/ia/google.com:8180:abcdef/etc": "~",
  "io.buoyant.hostportPfx/ia/google.com:http/etc": "/ia/google.com/http/etc",
  "io.buoyant.hostportPfx/ia/google.com:HTTP/etc": "~",
  "io.buoyant.hostportPfx/ia/google.com/etc": "~",
  "io.buoyant.hostportPfx/ia/:80/etc": "~",
  "io.buoyant.hostportPfx/ia/a:/etc": "~",
  "io.buoyant.hostportPfx/ia": "~",
  "io.buoyant.porthostPfx/ia/127.1:8080/etc": "/ia/8080/127.1/etc",
  "io.buoyant.porthostPfx/ia/127.1:http/etc": "/ia/http/127.1/etc",
  "com.twitter.finagle.namer.global/$/inet/127.1/80/x": "/$/inet/127.1/80/x",
  "com.twitter.finagle.namer.global/inet/127.1/80": "~",
};

for (const [path, expected] of Object.entries(cases)) {
  test(`/$/${path} is ${expected}`, async () => assert.equal(await rewritten(path), expected));
}

test("the name of a port has at most 63 letters", async () => {
  const long = "a".repeat(63);
  assert.equal(await rewritten(`io.buoyant.hostportPfx/ia/h:${long}`), `/ia/h/${long}`);
  assert.equal(await rewritten(`io.buoyant.hostportPfx/ia/h:${long}a`), "~");
});
