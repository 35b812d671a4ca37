import assert from "node:assert/strict";
import { test } from "node:test";
import { advertisedBy, type Interfaces, showAddress } from "../../src/advertised-address.ts";

const nic = (address: string, family: "IPv4" | "IPv6", internal = false) =>
  ({ address, family, internal, netmask: "", mac: "", cidr: null, scopeid: 0 }) as const;

const interfaces: Interfaces = {
  lo: [nic("127.0.0.1", "IPv4", true), nic("::1", "IPv6", true)],
  eth0: [nic("10.0.0.7", "IPv4"), nic("fe80::1", "IPv6"), nic("fd00::7", "IPv6")],
  eth1: [nic("192.168.1.7", "IPv4")],
  gone: undefined,
};

const shown = (host: string, advertise?: { host: string; port?: number }): readonly string[] =>
  advertisedBy(advertise === undefined ? {} : { advertise }, { host, port: 4140 }, interfaces).map(showAddress);

test("a server on all addresses is told at each that others can call, and not at the loopback", () => {
  assert.deepEqual(shown("0.0.0.0"), ["10.0.0.7:4140", "192.168.1.7:4140"]);
  assert.deepEqual(shown("::"), ["10.0.0.7:4140", "[fd00::7]:4140", "192.168.1.7:4140"]);
});

test("a server on one address is told at that, and where the file says another, there", () => {
  assert.deepEqual(shown("10.0.0.8"), ["10.0.0.8:4140"]);
  assert.deepEqual(shown("0.0.0.0", { host: "gw.example" }), ["gw.example:4140"]);
  assert.deepEqual(shown("0.0.0.0", { host: "gw.example", port: 80 }), ["gw.example:80"]);
});
