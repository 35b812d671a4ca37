/** A port of loopback that nobody listens on, for servers that cannot choose one themselves. */
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the range from which systems choose the callers' ports: a client that calls a port of that range where nobody
 * listens may be given that very port, is then connected to itself, and keeps the server from ever listening there.
 */
const FIRST = 20_000;
const COUNT = 12_000;
const TRIES = 50;

export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${TRIES} ports of loopback is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
