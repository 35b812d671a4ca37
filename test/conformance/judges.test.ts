/** The corpus before nginx and HAProxy, in front of linkspan and behind it: all count the same requests. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "../../src/http/exchange.ts";
import { Filter } from "../../src/http/filter.ts";
import { Http1Proxy } from "../fakes/http1-proxy.ts";
import { RawBackend } from "../fakes/raw-backend.ts";
import { RawCaller } from "../fakes/raw-caller.ts";
import { shownRequests } from "../fakes/seen-requests.ts";
import { haproxyBack, haproxyFront, missingForHaproxy } from "../servers/haproxy.ts";
import type { Judge } from "../servers/judge.ts";
import { letPass } from "../load/wait-until.ts";
import { missingForNginx, nginxBack, nginxFront } from "../servers/nginx.ts";
import { requireServer } from "../servers/require.ts";
import { topics } from "./corpus/all.ts";
import { type Case, PROBE } from "./corpus/case.ts";

const cases = Object.values(topics).flat();

/** How long nothing may come before a caller takes it that nothing will; the second, where that was too soon. */
const SILENT_MS = [120, 2000] as const;

/** Judges once more and with patience what did not hold: a busy machine is slow once, a defect is there twice. */
async function judged(law: (silentMs: number) => Promise<void>): Promise<void> {
  try {
    await law(SILENT_MS[0]);
  } catch {
    await letPass(SILENT_MS[1]);
    await law(SILENT_MS[1]);
  }
}

const fronts = [
  { name: "nginx", missing: missingForNginx, start: nginxFront },
  { name: "HAProxy", missing: missingForHaproxy, start: haproxyFront },
];
const backs = [
  { name: "nginx", missing: missingForNginx, start: nginxBack },
  { name: "HAProxy", missing: missingForHaproxy, start: haproxyBack },
];

/** Until the connection ends, or nothing comes any more. */
async function ask(port: number, bytes: string, silentMs: number): Promise<string> {
  using caller = await RawCaller.connect(port);
  caller.send(bytes);
  let got = -1;
  let since = performance.now();
  await caller.until(({ state, got: all }) => {
    if (all.length !== got) since = performance.now();
    got = all.length;
    return state !== "open" || performance.now() - since > silentMs;
  });
  return caller.got;
}

/** Each answer tells its number, so that a caller shows which requests were answered to it. */
class CountingBackend implements AsyncDisposable {
  readonly #backend: RawBackend;
  readonly #count: { served: number };

  private constructor(backend: RawBackend, count: { served: number }) {
    this.#backend = backend;
    this.#count = count;
  }

  static async start(): Promise<CountingBackend> {
    const count = { served: 0 };
    const backend = await RawBackend.start(() => {
      const mark = `<served ${count.served++}>`;
      return `HTTP/1.1 200 OK\r\nContent-Length: ${mark.length}\r\n\r\n${mark}`;
    });
    return new CountingBackend(backend, count);
  }

  get port(): number {
    return this.#backend.port;
  }

  get served(): number {
    return this.#count.served;
  }

  /** What it reads must be canonical. */
  check(): string[] {
    return shownRequests(this.#backend.seen);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#backend[Symbol.asyncDispose]();
  }
}

/** The numbers of the requests whose answers a caller got. */
const marks = (got: string): number[] => [...got.matchAll(/<served (\d+)>/g)].map(([, mark]) => Number(mark));

async function judgeFront(
  front: Judge,
  backend: CountingBackend,
  { name, bytes }: Case,
  silentMs: number,
): Promise<void> {
  const before = backend.served;
  const got = await ask(front.port, bytes + PROBE, silentMs);
  const answered = marks(got);
  const expected = Array.from({ length: backend.served - before }, (_unused, at) => before + at);
  assert.deepEqual(answered, expected, `${name}: the backend read other requests than the front has answers of`);
  assert.doesNotMatch(got, /^HTTP\/1\.1 50[24] /m, `${name}: what the front passed on was not answered`);
}

describe("behind another proxy no request is read that it did not send", () => {
  for (const { name, missing, start } of fronts) {
    it(`behind ${name}`, { timeout: 60_000 }, async (t) => {
      if (!requireServer(t, missing())) return;
      await using backend = await CountingBackend.start();
      await using proxy = await Http1Proxy.start(backend.port);
      await using front = await start(proxy.port);
      for (const each of cases) await judged((silentMs) => judgeFront(front, backend, each, silentMs));
      assert.ok(backend.served > 100, `${backend.served} requests came through`);
      assert.equal(backend.check().length, backend.served);
      assert.deepEqual(proxy.bugs, []);
    });
  }
});

/** Counts the requests that were passed on. */
class Passed extends Filter {
  count = 0;
  override dispatch(x: Exchange): void {
    this.count++;
    this.next.dispatch(x);
  }
}

/** The judge has read every whole request of the case, and none that was not passed on. */
async function judgeBack(back: Judge, proxy: Http1Proxy, passed: Passed, each: Case, silentMs: number): Promise<void> {
  const { name, bytes, sees, gets } = each;
  const [read, sent] = [await back.countRequests(), passed.count];
  await ask(proxy.port, bytes + PROBE, silentMs);
  const news = (await back.countRequests()) - read;
  const isProbed = gets.split(" ").length > sees.length && gets.endsWith("200");
  const [least, most] = [sees.length + (isProbed ? 1 : 0), passed.count - sent];
  assert.ok(news >= least && news <= most, `${name}: ${news} requests were read of ${least} to ${most}`);
}

describe("what is passed on is read as the same requests", () => {
  for (const { name, missing, start } of backs) {
    it(`by ${name}`, { timeout: 60_000 }, async (t) => {
      if (!requireServer(t, missing())) return;
      await using back = await start();
      const passed = new Passed();
      await using proxy = await Http1Proxy.start(back.port, { filters: [passed] });
      for (const each of cases) await judged((silentMs) => judgeBack(back, proxy, passed, each, silentMs));
      const total = await back.countRequests();
      assert.ok(total > 200, `${total} requests were read`);
      assert.deepEqual(proxy.bugs, []);
    });
  }
});
