import assert from "node:assert/strict";
import { test } from "node:test";
import { demoWelcome, listeningLine } from "../../../src/cli/welcome.ts";

const listening = {
  servers: [
    { host: "127.0.0.1", port: 4140 },
    { host: "::1", port: 4141 },
  ],
  admin: { host: "0.0.0.0", port: 9990 },
};

test("one line names every address as a client on this host writes it", () => {
  assert.equal(
    listeningLine(listening),
    "linkspan listens on http://127.0.0.1:4140, http://[::1]:4141; its page is http://127.0.0.1:9990/. Ctrl-C ends it.\n",
  );
});

test("the quick start says what to type, where to look and what to edit", () => {
  const text = demoWelcome(listening, ["127.0.0.1:1 (fast)", "127.0.0.1:2 (slow)"], "disco/users");
  assert.match(text, /curl -H 'Host: users' http:\/\/127\.0\.0\.1:4140\/\n/);
  assert.match(text, /http:\/\/127\.0\.0\.1:9990\/\n/);
  assert.match(text, /take 127\.0\.0\.1:1 out of disco\/users/);
  assert.match(text, /Ctrl-C/);
});
