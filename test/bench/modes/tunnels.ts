/** WebSocket messages through the proxy. */
import { join } from "node:path";
import type { Outcome } from "../load/outcome.ts";
import { cores, outputOf } from "../measure.ts";
import type { Mode } from "./scenario.ts";

const CONNECTIONS = 32;
const script = join(import.meta.dirname, "../load/echo-main.ts");

async function echoes(port: number, seconds: number): Promise<Outcome> {
  const args = [port, seconds, CONNECTIONS].map(String);
  return JSON.parse(await outputOf(cores.load, [process.execPath, script, ...args], (seconds + 20) * 1_000)) as Outcome;
}

export const ws: Mode = {
  about: "WebSocket messages of 100 bytes, there and back, one at a time on each of 32 connections",
  seconds: 3,
  pacedSeconds: 0,
  scenarios: [{ title: "WebSocket", unit: "message", front: "h1", backend: "echo", tunnels: true, saturate: echoes }],
};
