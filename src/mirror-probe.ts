/** Tries an address before a mirror publishes it: from this host, or through a proxy that stands where the callers are. */
import type { Duplex } from "node:stream";
import type { Dialer } from "./base/dialer.ts";
import type { Clock } from "./base/time.ts";
import type { Probe } from "./bridge/mirror-parts.ts";
import type { MirrorConfig } from "./config/config.ts";
import { bracketed } from "./outbound/http-connector.ts";
import { proxyTunnel } from "./outbound/proxy-tunnel.ts";

/** `undefined` where nothing is to be tried. */
export function mirrorProbe(
  { probe }: Pick<MirrorConfig, "probe">,
  { dial, clock }: { readonly dial: Dialer; readonly clock: Clock },
): Probe | undefined {
  if (probe === false) return undefined;
  const { timeout, through } = probe === true ? { timeout: 1_000, through: undefined } : probe;
  return async (host, port, outer) => {
    const late = new AbortController();
    using _ = clock.timer(timeout, () => late.abort(new Error(`no answer within ${timeout} ms`)));
    const signal = AbortSignal.any([outer, late.signal]);
    const dialled = (to: HostPort): Promise<Duplex> => dial.connect(to.host, to.port, { timeoutMs: timeout }, signal);
    const target = { host, port };
    if (through === undefined) {
      (await dialled(target)).on("error", () => undefined).destroy();
      return;
    }
    try {
      await tunnelled(await dialled(through), target, signal);
    } catch (error) {
      throw new Error(`through ${shown(through)}: ${(error as Error).message}`, { cause: error });
    }
  };
}

interface HostPort {
  readonly host: string;
  readonly port: number;
}

const shown = ({ host, port }: HostPort): string => `${bracketed(host)}:${port}`;

/** The proxy says so when it has connected. */
async function tunnelled(stream: Duplex, target: HostPort, signal: AbortSignal): Promise<void> {
  stream.on("error", () => undefined);
  const over = (): void => void stream.destroy(signal.reason as Error);
  signal.addEventListener("abort", over, { once: true });
  try {
    signal.throwIfAborted();
    await proxyTunnel(stream, {}, shown(target));
  } finally {
    signal.removeEventListener("abort", over);
    stream.destroy();
  }
}
