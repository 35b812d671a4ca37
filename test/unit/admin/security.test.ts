import assert from "node:assert/strict";
import { test } from "node:test";
import { pathFilter, type SecuritySettings } from "../../../src/admin/security.ts";

const all: SecuritySettings = {
  uiEnabled: true,
  controlEnabled: true,
  diagnosticsEnabled: true,
  pathWhitelist: [],
  pathBlacklist: [],
};

const ui = [
  "/",
  "/help",
  "/config.json",
  "/delegator",
  "/delegator.json",
  "/logging",
  "/admin/metrics.json",
  "/api/stream",
];
const control = ["/admin/shutdown", "/admin/reload", "/admin/guard/release", "/logging.json"];
const diagnostics = ["/metrics", "/admin/ping", "/ready", "/client_state.json", "/admin/metrics/prometheus", "/nosuch"];

test("without settings everything is there", () => {
  assert.ok([...ui, ...control, ...diagnostics].every(pathFilter(undefined)));
});

test("each part is turned off by itself", () => {
  for (const [key, paths] of [
    ["uiEnabled", ui],
    ["controlEnabled", control],
    ["diagnosticsEnabled", diagnostics],
  ] as const) {
    const allows = pathFilter({ ...all, [key]: false });
    assert.deepEqual(
      [...ui, ...control, ...diagnostics].filter((path) => !allows(path)),
      paths,
    );
  }
});

test("expressions are for whole paths; one that forbids stands above one that allows", () => {
  const allows = pathFilter({
    ...all,
    uiEnabled: false,
    pathWhitelist: ["/help|/delegator.*"],
    pathBlacklist: ["/ready", "/delegator"],
  });
  assert.deepEqual(["/help", "/helpful", "/delegator.json", "/delegator", "/ready", "/readyness", "/"].map(allows), [
    true,
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
});
