/** The two instances of the quick start, one of them slow, inside the daemon's process. */
import { type Server, createServer } from "node:http";
import { type Clock, systemClock } from "./base/time.ts";

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

function serve({ name, delayMs }: DemoInstance, clock: Clock): Server {
  return createServer((request, response) => {
    request.resume();
    clock.timer(delayMs, () => response.end(`hello from users, the ${name} instance (${delayMs} ms)\n`));
  });
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new Error(`the demo instance cannot listen on 127.0.0.1:${port}: ${cause.message}`, { cause })),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
}

/** Resolves when both answer. Dispose to end them. */
export async function startDemoInstances(clock: Clock = systemClock): Promise<AsyncDisposable> {
  const servers = demoInstances.map((instance) => ({ instance, server: serve(instance, clock) }));
  await Promise.all(servers.map(({ instance, server }) => listen(server, instance.port)));
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = servers.map(({ server }) => new Promise((resolve) => server.close(resolve)));
      for (const { server } of servers) server.closeAllConnections();
      await Promise.all(closed);
    },
  };
}
