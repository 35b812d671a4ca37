/** How a listening socket is opened so that it can be passed on. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { openPlace } from "../../../src/net/listen-place.ts";

test("a socket at an IP address has a descriptor that is known before it listens", async () => {
  const { options, fd } = openPlace({ host: "127.0.0.1", port: 0 });
  assert.ok(fd !== undefined && fd > 2);
  const server = net.createServer().listen(options);
  await once(server, "listening");
  assert.equal((server.address() as net.AddressInfo).address, "127.0.0.1");
  server.close();
  await once(server, "close");
});

test("an address in use is told at once", async () => {
  const server = net.createServer().listen(openPlace({ host: "127.0.0.1", port: 0 }).options);
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  assert.throws(() => openPlace({ host: "127.0.0.1", port }), { code: "EADDRINUSE" });
  server.close();
  await once(server, "close");
});

test("two may share an address when both say so", () => {
  const first = openPlace({ host: "127.0.0.1", port: 0, reusePort: true });
  const { handle } = first.options as { handle: net.BoundSocket };
  const second = openPlace({ host: "127.0.0.1", port: handle.address().port, reusePort: true });
  assert.notEqual(second.fd, first.fd);
  handle.close();
  (second.options as { handle: net.BoundSocket }).handle.close();
});

test("a host name is left to the server, and its descriptor is not known", () => {
  assert.equal(openPlace({ host: "localhost", port: 0 }).fd, undefined);
});

test("an inherited socket is listened on by its descriptor", () => {
  const { options, fd } = openPlace({ host: "127.0.0.1", port: 4140, fd: 7 });
  assert.equal(fd, 7);
  assert.deepEqual(options, { fd: 7, backlog: 1024 });
});
