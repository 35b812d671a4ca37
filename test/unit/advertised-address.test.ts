import assert from "node:assert/strict";
import { test } from "node:test";
import {
  advertisedBy,
  gatewayOf,
  type Interfaces,
  serverAddresses,
  showAddress,
  writtenServers,
} from "../../src/advertised-address.ts";
import type { Config, ServerConfig } from "../../src/config/config.ts";

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

test("where a router will be published is known of a file, unless the system chooses its port", () => {
  const at = (server: string, gateway = "users") => {
    const config = { routers: [{ label: "users", servers: [JSON.parse(server) as ServerConfig] }] } as never as Config;
    const servers = serverAddresses(config, writtenServers(config), interfaces);
    const found = gatewayOf({ address: "gateway", gateway }, servers);
    return found && showAddress(found);
  };
  assert.equal(at('{"ip": "0.0.0.0", "port": 4151}'), "10.0.0.7:4151");
  assert.equal(at('{"ip": "10.0.0.9", "port": 4151}'), "10.0.0.9:4151");
  assert.equal(at('{"ip": "0.0.0.0", "port": 0}'), undefined);
  assert.equal(at('{"ip": "0.0.0.0", "port": 0, "advertise": {"host": "gw", "port": 80}}'), "gw:80");
  assert.equal(at('{"ip": "10.0.0.9", "port": 4151}', "orders"), undefined);
});
