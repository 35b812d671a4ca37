/** The two instances of the quick start, one of them slow, inside the daemon's process. */
import type { Server } from "node:http";
import { type Clock, systemClock } from "./base/time.ts";

// Not imported: see the same line of the admin server.
const { createServer } = process.getBuiltinModule("node:http");

interface DemoInstance {
  readonly name: string;
  readonly port: number;
  readonly delayMs: number;
}

/** The ports that `config/disco/users` names. */
export const demoInstances: readonly DemoInstance[] = [
  { name: "fast", port: 18_081, delayMs: 5 },
  { name: "slow", port: 18_082, delayMs: 500 },
];

interface Serving {
  readonly instance: DemoInstance;
  readonly server: Server;
}

function serve({ name, delayMs }: DemoInstance, clock: Clock): Server {
  return createServer((request, response) => {
    request.resume();
    clock.timer(delayMs, () => response.end(`hello from users, the ${name} instance (${delayMs} ms)\n`));
  });
}

/** A port of the quick start is taken. */
export class DemoInstanceError extends Error {
  override readonly name = "DemoInstanceError";
}

function listen({ server, instance: { name, port } }: Serving): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? "the port is in use" : cause.message;
      reject(new DemoInstanceError(`the ${name} demo instance cannot listen on 127.0.0.1:${port}: ${why}`, { cause }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}

async function closeAll(all: readonly Serving[]): Promise<void> {
  const closed = all.map(({ server }) => new Promise((resolve) => server.close(resolve)));
  for (const { server } of all) server.closeAllConnections();
  await Promise.all(closed);
}

/** Resolves when both answer; rejects with a DemoInstanceError, and then none does. Dispose to end them. */
export async function startDemoInstances(clock: Clock = systemClock): Promise<AsyncDisposable> {
  const all = demoInstances.map((instance) => ({ instance, server: serve(instance, clock) }));
  const results = await Promise.allSettled(all.map(listen));
  const failed = results.find((each) => each.status === "rejected");
  if (failed !== undefined) {
    await closeAll(all);
    throw failed.reason;
  }
  return { [Symbol.asyncDispose]: () => closeAll(all) };
}
