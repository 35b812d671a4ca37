/** Tests of the transport to HTTP/1 endpoints. */
import assert from "node:assert/strict";
import net from "node:net";
import { it } from "node:test";
import { defaultHeadLimits } from "../../../src/http1/limits.ts";
import { Http1Transport } from "../../../src/http1/upstream.ts";
import { ConnectError, Connector } from "../../../src/net/connector.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { passes } from "../../fakes/passes.ts";

it("the transport connects, tells its owner when the connection is gone, and rejects with the failure's code", async () => {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined);
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  const resolver = { addresses: () => Promise.reject(new Error("no names here")) };
  const connector = new Connector({ clock: new FakeClock(), resolver });
  const transport = new Http1Transport({
    connector,
    limits: defaultHeadLimits,
    bug: (error) => assert.fail(String(error)),
  });
  const signal = new AbortController().signal;
  const gone: unknown[] = [];
  const owner = { freed: () => undefined, closed: (connection: unknown) => gone.push(connection) };
  assert.equal(transport.protocol, "http/1.1");
  const connection = await transport.connect({ host: "127.0.0.1", port, weight: 1 }, owner, signal);
  assert.equal(connection.status, "open");
  await passes(() => assert.equal(sockets.length, 1));
  sockets[0]?.destroy();
  await passes(() => assert.deepEqual(gone, [connection]));
  server.close();
  await new Promise((resolve) => server.once("close", resolve));
  await assert.rejects(
    transport.connect({ host: "127.0.0.1", port, weight: 1 }, owner, signal),
    (error: unknown) => error instanceof ConnectError && error.code === "connect.failed",
  );
});
