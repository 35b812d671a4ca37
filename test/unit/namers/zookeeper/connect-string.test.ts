import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConnectString, serverName } from "../../../../namers/zookeeper/connect-string.ts";

const read = (text: string): string => {
  const { servers, chroot } = parseConnectString(text);
  return servers.map(serverName).join(" ") + (chroot && ` ${chroot}`);
};

test("a connect string is a list of servers and a chroot", () => {
  assert.equal(read("zk1:2181,zk2:2182"), "zk1:2181 zk2:2182");
  assert.equal(read("zk1, zk2:2182 ,10.0.0.1:1"), "zk1:2181 zk2:2182 10.0.0.1:1");
  assert.equal(read("[::1]:2181,[2001:db8::1]"), "[::1]:2181 [2001:db8::1]:2181");
  assert.equal(parseConnectString("[::1]:2181").servers[0]?.host, "::1");
  assert.equal(read("zk1/a/b"), "zk1:2181 /a/b");
  assert.equal(read("zk1:2181/"), "zk1:2181");
});

test("a mistake in a connect string is quoted", () => {
  const mistakes: [string, RegExp][] = [
    ["", /connect string "": a server is missing/],
    ["zk1,,zk2", /a server is missing/],
    ["/chroot", /a server is missing/],
    ["zk1:abc", /"abc" is not a port/],
    ["zk1:0", /"0" is not a port/],
    ["zk1:65536", /"65536" is not a port/],
    ["zk1:", /"" is not a port/],
    ["::1:2181", /"::1:2181" is not host:port \(an IPv6 address stands in brackets\)/],
    ["[::1", /not host:port/],
    ["zk 1:2181", /not host:port/],
    ["zk1/a/", /chroot is no path: .*ends with \//],
    ["zk1//a", /chroot is no path: .*empty segment/],
  ];
  for (const [text, message] of mistakes) assert.throws(() => parseConnectString(text), message, text);
});
