/** The law of explanations, of a whole daemon: match rules, transformers, `/$/`, weights and fall-back lead requests as explained. */
import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, request as ask, type Server } from "node:http";
import { after, before, test } from "node:test";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { ConfigError } from "../../src/config/config-error.ts";
import type { ExplainAnswer } from "../../src/naming/explanation.ts";
import { startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";

const REQUESTS = 8;
const seen: IncomingHttpHeaders[] = [];
const backends: Server[] = [];
let folder: TempFolder;
let ports: readonly number[] = [];

before(async () => {
  for (let at = 0; at < 2; at++) {
    const server = createServer((request, response) => {
      seen.push(request.headers);
      response.end("ok");
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    backends.push(server);
  }
  ports = backends.map((server) => (server.address() as AddressInfo).port);
  const [a = 0, b = 0] = ports;
  folder = tempFolder({ "disco/a": `127.0.0.1 ${a}\n`, "disco/b": `127.0.0.1 ${b}\n`, "disco/odd": "127.0.0.1 1\n" });
});
after(() => {
  for (const server of backends) server.close().closeAllConnections();
  folder[Symbol.dispose]();
});

/** `A` and `B` stand for the ports of the backends. */
const place = fc.constantFrom(
  "/#/io.l5d.fs/a",
  "/#/io.l5d.fs/b",
  "/#/io.l5d.fs/gone",
  "/#/moved/odd",
  "/#/moved/gone",
  "/$/inet/127.0.0.1/A",
  "/$/io.buoyant.rinet/B/127.0.0.1",
  "/$/io.buoyant.hostportPfx/hp/127.0.0.1:A",
  "/$/io.buoyant.http.anyMethod/GET/srv",
  "/$/nil",
  "/srv",
  "~",
);
const branch = fc.tuple(fc.constantFrom(0, 1, 3), place).map(([weight, each]) => `${weight} * ${each}`);
const tree = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: place },
      fc.tuple(branch, branch).map((two) => two.join(" & ")),
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((trees) => trees.join(" | "));
/** Some of all that can be said; the last route takes what is left. */
const match = fc.record(
  {
    host: fc.constantFrom("users", "cart"),
    path: fc.constantFrom("/v2", "/v2/"),
    method: fc.constantFrom("GET", "POST"),
    headers: fc.constantFrom({ "x-canary": "1" }, { "x-canary": "*" }),
  },
  { requiredKeys: [] },
);
const some = fc.uniqueArray(
  match.filter((each) => Object.keys(each).length > 0),
  { selector: (each) => JSON.stringify(each), maxLength: 3 },
);
const site = fc.record({
  routes: fc
    .tuple(some, fc.constantFrom([], [{}], [{}]), fc.array(tree, { minLength: 4, maxLength: 4 }))
    .map(([first, last, trees]) => [...first, ...last].map((each, at) => [each, trees[at] ?? "~"] as const))
    .filter((all) => all.length > 0),
  srv: tree,
  transformed: fc.boolean(),
});
const request = fc.record({
  host: fc.constantFrom("users", "Cart:80", "other"),
  path: fc.constantFrom("/", "/v2", "/v2/x?y=/v2", "/v20"),
  method: fc.constantFrom("GET", "POST"),
  canary: fc.constantFrom("", "1", "2"),
});
type Asked = typeof request extends fc.Arbitrary<infer T> ? T : never;
type Written = typeof site extends fc.Arbitrary<infer T> ? T : never;

function fileOf({ routes, srv, transformed }: Written): string {
  const [a = 0, b = 0] = ports;
  const dtab = [`/hp => /$/inet ;`, `/srv => ${srv} ;`, ...routes.map(([, to], at) => `/svc/r${at} => ${to} ;`)];
  const text = dtab.join("\n").replaceAll(/\bA\b/g, String(a)).replaceAll(/\bB\b/g, String(b));
  return JSON.stringify({
    admin: { port: 0 },
    namers: [
      { kind: "io.l5d.fs", rootDir: "disco" },
      { kind: "io.l5d.fs", prefix: "/moved", rootDir: "disco", transformers: [{ kind: "io.l5d.port", port: b }] },
    ],
    routers: [
      {
        protocol: "http",
        identifier: { kind: "linkspan.match", routes: routes.map(([each], at) => ({ route: `r${at}`, ...each })) },
        interpreter: transformed
          ? { kind: "default", transformers: [{ kind: "io.l5d.specificHost", host: "127.0.0.1" }] }
          : { kind: "default" },
        dtab: text,
        bindingTimeoutMs: 1000,
        servers: [{ port: 0 }],
      },
    ],
  });
}

/** `undefined` where no request comes to one of its routes: such a file is refused. */
async function opened(written: Written): Promise<TestDaemon | undefined> {
  try {
    return await startDaemon(fileOf(written), folder.path);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** Nothing where no identifier names the request. */
type Explained = ExplainAnswer | undefined;

async function explain(daemon: TestDaemon, { host, path, method, canary }: Asked): Promise<Explained> {
  const text = `${method} http://${host}${path}${canary === "" ? "" : `\nx-canary: ${canary}`}`;
  const body = JSON.stringify({ router: "http", request: text });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${daemon.adminUrl}/api/explain`, { method: "POST", headers, body });
  return response.status === 400 ? undefined : ((await response.json()) as ExplainAnswer);
}

function isAnswered(explained: Explained): boolean {
  return !JSON.stringify(explained?.root ?? "").includes('"kind":"pending"');
}

/** What `ask` gives when it is as it is wanted; after two seconds as it is. */
async function eventually<T>(ask: () => Promise<T>, isWanted: (given: T) => boolean): Promise<T> {
  const until = performance.now() + 2_000;
  for (;;) {
    const given = await ask();
    if (isWanted(given) || performance.now() > until) return given;
  }
}

function statusOf({ port }: TestDaemon, { host, path, method, canary }: Asked): Promise<number> {
  const headers = { host, ...(canary === "" ? {} : { "x-canary": canary }) };
  return new Promise((resolve, reject) => {
    const sent = ask({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject).end();
  });
}

test("a daemon does with a request what it says it would do with it", { timeout: 120_000 }, async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(site, fc.array(request, { minLength: 1, maxLength: 4 }), async (written, requests) => {
      await using daemon = await opened(written);
      if (daemon === undefined) return;
      for (const asked of requests) {
        // From the first request on the route follows all that the name may lead to, and an explanation has no more to ask.
        await statusOf(daemon, asked);
        const explained: Explained = await eventually((): Promise<Explained> => explain(daemon, asked), isAnswered);
        seen.length = 0;
        const statuses: number[] = [];
        for (let sent = 0; sent < REQUESTS; sent++) {
          statuses.push(await statusOf(daemon, asked));
        }
        const why: string = `${statuses.join()}; ${JSON.stringify(asked)} of ${fileOf(written)}: ${JSON.stringify(explained)}`;
        if (explained === undefined) {
          assert.deepEqual(new Set(statuses), new Set([400]), why);
          continue;
        }
        const chosen = new Map(explained.chosen.map(({ id, share }) => [id, share]));
        for (const headers of seen) {
          assert.equal(headers["l5d-dst-service"], explained.path, why);
          assert.ok((chosen.get(String(headers["l5d-dst-client"])) ?? 0) > 0, why);
        }
        const isSure =
          chosen.size > 0 && [...chosen.keys()].every((id) => explained.services[id]?.addresses.length === 1);
        const whole = [...chosen.values()].reduce((sum, share) => sum + share, 0);
        if (isSure && Math.abs(whole - 1) < 1e-9) assert.equal(seen.length, REQUESTS, why);
        if (chosen.size === 0) assert.equal(seen.length, 0, why);
        answered += seen.length;
      }
    }),
    { numRuns: 60, endOnFailure: true },
  );
  // Else the law would say nothing.
  assert.ok(answered > 100, `${answered} were answered`);
});
