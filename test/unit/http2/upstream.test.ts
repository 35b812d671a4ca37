/** Tests of the way to endpoints over HTTP/2, on real sockets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { it } from "node:test";
import { systemClock } from "../../../src/base/time.ts";
import { defaultHttp2Settings } from "../../../src/http2/settings.ts";
import { Http2Transport } from "../../../src/http2/upstream.ts";
import { Connector } from "../../../src/net/connector.ts";
import { Sweeper } from "../../../src/net/sweeper.ts";
import { PREFACE } from "../../fakes/h2-frames.ts";

it("the transport connects, says its preface at once, and rejects with the failure's code", async () => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const resolver = { addresses: () => Promise.reject(new Error("no names")) };
  using sweeper = new Sweeper(systemClock);
  const connector = new Connector({ clock: systemClock, resolver });
  const bug = (error: unknown): void => assert.fail(String(error));
  const transport = new Http2Transport({ connector, settings: defaultHttp2Settings, clock: systemClock, sweeper, bug });
  assert.equal(transport.protocol, "h2");
  let closed = 0;
  const owner = { freed: () => undefined, closed: () => void closed++ };
  const accepted = once(server, "connection");
  const address = { host: "127.0.0.1", port, weight: 1 };
  const connection = await transport.connect(address, owner, new AbortController().signal);
  const [socket] = (await accepted) as [net.Socket];
  const [bytes] = (await once(socket, "data")) as [Buffer];
  assert.equal(bytes.toString("latin1", 0, PREFACE.length), PREFACE);
  assert.equal(connection.status, "open");
  await connection[Symbol.asyncDispose]();
  assert.equal(connection.status, "closed");
  assert.equal(closed, 1);
  socket.destroy();
  server.close();
  await once(server, "close");
  await assert.rejects(transport.connect(address, owner, new AbortController().signal), { code: "connect.failed" });
});
