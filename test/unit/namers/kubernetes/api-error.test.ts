import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOf, refusalOf } from "../../../../namers/kubernetes/api-error.ts";
import type { HttpAnswer } from "../../../../src/base/http.ts";

const refused = (text: string | Error, headers: Readonly<Record<string, string>> = {}): HttpAnswer =>
  ({
    status: 403,
    headers,
    text: () => (text instanceof Error ? Promise.reject(text) : Promise.resolve(text)),
  }) as unknown as HttpAnswer;

const shown = async (text: string | Error): Promise<string> => (await refusalOf("GET /api", refused(text))).message;

test("a refusal is told by the server's own sentence, else by its text in one short line, else as without a reason", async () => {
  assert.equal(await shown('{"kind":"Status","message":"no such right"}'), "GET /api: 403 no such right");
  assert.equal(await shown("<html>\n  <b>Forbidden</b>\n"), "GET /api: 403 <html> <b>Forbidden</b>");
  assert.equal(await shown(`${"x ".repeat(400)}`), `GET /api: 403 ${"x ".repeat(150)}`);
  for (const text of ["", " \n", new Error("cut off")])
    assert.equal(await shown(text), "GET /api: 403 it gives no reason");
  for (const text of ['"text"', "[]", "null", '{"message":7}'])
    assert.match(await shown(text), /^GET \/api: 403 \S/, text);
});

test("how long a server asks to be left alone is read of its head or of its answer, and is never more than half a minute", async () => {
  const details = (seconds: unknown): string =>
    JSON.stringify({ message: "busy", details: { retryAfterSeconds: seconds } });
  const after = async (text: string, headers: Readonly<Record<string, string>> = {}): Promise<number | undefined> =>
    (await refusalOf("GET /api", refused(text, headers))).retryAfterMs;
  assert.equal(await after("", { "retry-after": "2" }), 2_000);
  assert.equal(await after(details(3)), 3_000);
  assert.equal(await after(details(3), { "retry-after": "2" }), 2_000);
  assert.equal(await after(details(86_400)), 30_000);
  assert.equal(await after("", { "retry-after": "1e9" }), 30_000);
  for (const hostile of [details(-1), details("soon"), details(null), details({}), "", "{"])
    assert.equal(await after(hostile, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }), undefined, hostile);
});

test("an event that tells an error without a code or a reason counts as the server's, and 410 as expired", () => {
  assert.equal(errorOf("watch", {}).message, "watch: 500 it gives no reason");
  assert.equal(errorOf("watch", { code: "410", message: 1 }).isExpired, false);
  const expired = errorOf("watch", { code: 410, message: "too old" });
  assert.deepEqual([expired.isExpired, expired.message], [true, "watch: 410 too old"]);
});
