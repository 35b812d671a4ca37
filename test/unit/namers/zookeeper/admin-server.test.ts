import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { addressesIn, read, toldByAdmin, watchesIn } from "../../../../namers/zookeeper/admin-server.ts";
import { systemClock } from "../../../../src/base/time.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";

const WATCHES = `{
  "path_to_session_ids" : { "/services/users" : [ 72061004424675328, -9151311032430100479 ], "/services-old" : [ 7 ] },
  "command" : "watches_by_path", "error" : null
}`;
const CONNECTIONS = `{
  "connections" : [ { "remote_socket_address" : "10.0.4.7:51234", "session_id" : 72061004424675328 },
    { "remote_socket_address" : "10.0.4.9:1" } ],
  "secure_connections" : [ { "remote_socket_address" : "/10.0.4.8:4711", "session_id" : -9151311032430100479 } ]
}`;

test("sessions of AdminServer are those of the four-letter words, to the last of their 64 bits", () => {
  const watches = watchesIn(read(WATCHES), "/services");
  assert.deepEqual(
    [...watches].map(([session, { count, example }]) => [session, count, example]),
    [
      [72061004424675328n.toString(16), 1, "/services/users"],
      [BigInt.asUintN(64, -9151311032430100479n).toString(16), 1, "/services/users"],
    ],
  );
  assert.deepEqual([...addressesIn(read(CONNECTIONS)).values()], ["10.0.4.7:51234", "10.0.4.8:4711"]);
  assert.deepEqual([...addressesIn(read(CONNECTIONS)).keys()], [...watches.keys()]);
  assert.equal(watchesIn(read("[]"), "").size, 0);
});

test("it is asked over HTTP, and what it does not tell is said", async (t) => {
  const server = createServer(({ url }, response) => {
    const body = url === "/commands/watches_by_path" ? WATCHES : CONNECTIONS;
    response.writeHead(url === "/commands/connections" ? status : 200).end(body);
  }).listen(0, "127.0.0.1");
  let status = 200;
  t.after(() => void server.close().closeAllConnections());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const ask = () =>
    toldByAdmin("127.0.0.1", "/services", testContext({ clock: systemClock }), new AbortController().signal, port);
  const { watches, addresses } = await ask();
  assert.deepEqual([watches.size, addresses.size], [2, 2]);
  status = 403;
  await assert.rejects(ask(), /it answered 403 to connections/);
});
