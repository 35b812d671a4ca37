/** Large bodies: as many of 1 MiB as go, and one of 1 GiB, which no proxy may gather. */
import { programs } from "../../servers/installed.ts";
import { h2load } from "../load/h2load.ts";
import { wrk } from "../load/wrk.ts";
import { cores, outputOf, usageOf } from "../measure.ts";
import type { Mode, Running, Scenario } from "./scenario.ts";

const WITHIN_SECONDS = 60;
const BETWEEN_LOOKS_MS = 50;

/** Takes 1 GiB, and tells how long that took, and the most memory that the proxy had meanwhile. */
const oneGib =
  (how: "--http1.1" | "--http2-prior-knowledge") =>
  async ({ port, process: { pid = 0 } }: Running): Promise<Readonly<Record<string, string>>> => {
    const before = usageOf(pid);
    let mostMb = before.rssMb;
    const watch = setInterval(() => (mostMb = Math.max(mostMb, usageOf(pid).rssMb)), BETWEEN_LOOKS_MS);
    const url = `http://127.0.0.1:${port}/gib`;
    const limits = ["--max-time", String(WITHIN_SECONDS), "--write-out", "%{size_download} %{time_total} %{http_code}"];
    const command = [programs.curl, "--silent", how, "--output", "/dev/null", ...limits, url];
    try {
      const said = await outputOf(cores.load, command, (WITHIN_SECONDS + 5) * 1_000);
      const [bytes = 0, seconds = 0, status = 0] = said.split(" ").map(Number);
      const cpu = usageOf(pid).cpuSeconds - before.cpuSeconds;
      const isWhole = bytes === 2 ** 30 && status === 200;
      return isWhole
        ? { "GiB s": seconds.toFixed(2), "GiB CPU s": cpu.toFixed(2), "GiB RSS MB": mostMb.toFixed(0) }
        : { "GiB s": `broke off at ${bytes}` };
    } catch (error) {
      return { "GiB s": error instanceof Error ? error.message : String(error) };
    } finally {
      clearInterval(watch);
    }
  };

const usual = { unit: "MiB", isTls: false } as const;

const http1: Scenario = {
  ...usual,
  title: "1 MiB and 1 GiB, HTTP/1",
  front: "h1",
  backend: "h1",
  saturate: (port, seconds) => wrk({ url: `http://127.0.0.1:${port}/mib`, seconds, connections: 8 }),
  extra: oneGib("--http1.1"),
};

const http2: Scenario = {
  ...usual,
  title: "1 MiB and 1 GiB, HTTP/2",
  front: "h2",
  backend: "h2",
  saturate: (port, seconds) => h2load({ url: `http://127.0.0.1:${port}/mib`, seconds, connections: 4, streams: 2 }),
  extra: oneGib("--http2-prior-knowledge"),
};

export const large: Mode = {
  about: "GET of 1 MiB, 8 at a time (wrk -c8; h2load -c4 -m2), and one of 1 GiB (curl)",
  seconds: 2,
  pacedSeconds: 0,
  scenarios: [http1, http2],
};
