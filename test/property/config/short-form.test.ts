/** The short form means what it says, and so does the linkerd.yaml that it expands to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { builtins } from "../../../src/builtins.ts";
import { describeConfig } from "../../../src/cli/describe-config.ts";
import { expand } from "../../../src/config/expand.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { boundBy } from "../../fakes/constant-namers.ts";

type Weights = Readonly<Record<string, number>>;
type Targets = string | readonly (string | Weights)[] | Weights;

const read = (text: string) => parseConfig(text, { file: "linkspan.yaml", baseDir: "/", builtins });

const SOURCES = ["zk", "old"];
const HOSTS = ["users", "cart", "mail.example"];
/** One that no route names. */
const STRANGER = "stranger";

const service = fc.constantFrom("users", "cart", "all", "*");
const target = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...SOURCES), service).map((parts) => parts.join("/")) },
  { weight: 1, arbitrary: fc.constantFrom("10.0.0.1:80", "10.0.0.2:80") },
);
const weights = fc
  .uniqueArray(target, { minLength: 1, maxLength: 3 })
  .chain((names) =>
    fc
      .array(fc.integer({ min: 1, max: 9 }), { minLength: names.length, maxLength: names.length })
      .map((each): Weights => Object.fromEntries(names.map((name, at) => [name, each[at] ?? 1]))),
  );
const targets: fc.Arbitrary<Targets> = fc.oneof(
  target,
  fc.array(fc.oneof({ weight: 3, arbitrary: target }, { weight: 1, arbitrary: weights }), {
    minLength: 1,
    maxLength: 3,
  }),
  weights,
);
/** A route for the rest passes the caller's name on in each of its targets, or in none. */
const isEven = (to: Targets): boolean => {
  const all = JSON.stringify(to).match(/(?:zk|old|10[.0-9]+)[/:][^"]*/g) ?? [];
  return all.every((each) => each.endsWith("*")) || !all.some((each) => each.endsWith("*"));
};
const routes = fc
  .tuple(fc.dictionary(fc.constantFrom(...HOSTS), targets), fc.option(targets.filter(isEven), { nil: undefined }))
  .map(([hosts, rest]) => (rest === undefined ? hosts : { ...hosts, "*": rest }))
  .filter((all) => Object.keys(all).length > 0);

const written = (all: object | readonly object[], more: object = {}): string =>
  JSON.stringify({ sources: { zk: { zookeeper: "zk1" }, old: { files: "./d" } }, routes: all, listen: 0, ...more });

const idOf = (one: string, host: string): string => {
  const [, address, port] = /^([0-9.]+):(\d+)$/.exec(one) ?? [];
  return port === undefined ? `/#/${one.replace(/\*$/, host)}` : `/$/inet/${address}/${port}`;
};

/** What a host is led to, by the words of the guide: the first that exists; weights among those that exist. */
function model(to: Targets, host: string, exists: (id: string) => boolean): string {
  const list = Array.isArray(to) ? (to as readonly (string | Weights)[]) : [to as string | Weights];
  const isThere = (one: string): boolean => !idOf(one, host).startsWith("/#") || exists(idOf(one, host));
  for (const each of list) {
    const shares = typeof each === "string" ? { [each]: 1 } : each;
    const known = Object.entries(shares).filter(([one]) => isThere(one));
    const ids = known.map(([one, weight]) => [`${idOf(one, host)}@/`, weight] as const);
    if (ids.length === 1) return ids[0]?.[0] ?? "";
    if (ids.length > 1) return ids.map(([id, weight]) => (weight === 1 ? id : `${weight}.00*${id}`)).join(" & ");
  }
  return "nothing";
}

/** Without what an address does nothing with. */
const shown = (tree: string): string =>
  tree === "~" || tree === "!" ? "nothing" : tree.replaceAll(/(\/\$\/inet\/[^@]*@\/)[a-z.]+/g, "$1");
/** Some names exist and some do not; which, a number says. */
const someExist =
  (seed: number) =>
  (id: string): boolean =>
    ((seed >>> ([...id].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 30)) & 1) === 1;

test("a host is led to the first of its targets that exists, a host without a route to the rest", async () => {
  await fc.assert(
    fc.asyncProperty(routes, fc.nat(), async (all, seed) => {
      const config = await read(written(all));
      const again = await read(expand(config));
      assert.deepEqual(describeConfig(again), { ...describeConfig(config), file: "linkspan.yaml" });
      const table: Readonly<Record<string, Targets>> = all;
      for (const host of [...HOSTS, STRANGER]) {
        const to = table[host] ?? table["*"];
        const exists = someExist(seed);
        const tree = boundBy(config, `/svc/${host}`, exists);
        assert.equal(shown(tree), to === undefined ? "nothing" : model(to, host, exists), host);
        assert.equal(boundBy(again, `/svc/${host}`, exists), tree, host);
      }
    }),
    { numRuns: 150 },
  );
});

test("a route of a list leads its own name, with the host behind it where a target wants that", async () => {
  const list = fc.array(
    fc.record({ host: fc.option(fc.constantFrom(...HOSTS), { nil: undefined }), to: targets.filter(isEven) }),
    { minLength: 1, maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(list, fc.nat(), async (all, seed) => {
      const entries = all.map(({ host, to }, at) => ({ name: `r${at}`, match: { host, path: `/${at}` }, to }));
      const config = await read(written(entries));
      const again = await read(expand(config));
      for (const [at, { host, to }] of all.entries()) {
        const wantsHost = host === undefined && JSON.stringify(to).includes("*");
        const name = `/svc/r${at}${wantsHost ? `/${STRANGER}` : ""}`;
        const tree = boundBy(config, name, someExist(seed));
        assert.equal(shown(tree), model(to, host ?? STRANGER, someExist(seed)));
        assert.equal(boundBy(again, name, someExist(seed)), tree);
      }
    }),
    { numRuns: 100 },
  );
});
