import assert from "node:assert/strict";
import { it } from "node:test";
import { Layout } from "../../../src/http/exchange.ts";
import { ConnectError, Connector } from "../../../src/net/connector.ts";
import { Sweeper } from "../../../src/net/sweeper.ts";
import { TcpTransport } from "../../../src/tcp/upstream.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { passes } from "../../fakes/passes.ts";
import { Hearer, plainExchange } from "../../fakes/plain-exchange.ts";
import { TcpBackend } from "../../fakes/tcp-backend.ts";

function transport(): TcpTransport {
  const clock = new FakeClock();
  const resolver = { addresses: () => Promise.reject(new Error("no names here")) };
  const connector = new Connector({ clock, resolver });
  return new TcpTransport({
    connector,
    clock,
    sweeper: new Sweeper(clock),
    idleTimeoutMs: 1000,
    bug: (error) => assert.fail(String(error)),
  });
}

it("the transport loses nothing of an endpoint that speaks at once, and rejects where none accepts", async () => {
  await using backend = await TcpBackend.saying("greeting");
  const tcp = transport();
  const { signal } = new AbortController();
  const gone: unknown[] = [];
  const owner = { freed: () => undefined, closed: (connection: unknown) => gone.push(connection) };
  const address = { host: "127.0.0.1", port: backend.port, weight: 1 };
  assert.equal(tcp.protocol, "tcp");
  const connection = await tcp.connect(address, owner, signal);
  const x = plainExchange(new Layout());
  let said = "";
  const hearer = new Hearer();
  const back = {
    respond: (answered: typeof x): void => {
      hearer.respond(answered);
      const take = (bytes: Uint8Array): boolean => ((said += Buffer.from(bytes).toString()), true);
      answered.responseBody.pipe({ chunk: take, end: () => undefined, fail: () => undefined, flush: () => undefined });
    },
    finish: (ended: typeof x): void => hearer.finish(ended),
  };
  connection.send(x, back);
  await passes(() => assert.deepEqual([said, hearer.of(x), gone], ["greeting", ["200", "end"], [connection]]));
  await backend[Symbol.asyncDispose]();
  await assert.rejects(
    tcp.connect(address, owner, signal),
    (error: unknown) => error instanceof ConnectError && error.code === "connect.failed",
  );
});
