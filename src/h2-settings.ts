/** What the configuration says of HTTP/2 connections, in the words of the codec. */
import { type H2Keys, h2Defaults } from "./config/config.ts";
import { defaultHttp2Settings, type Http2Settings } from "./http2/settings.ts";

/** The keys of a server or of a client; for those that are not said their defaults hold. */
export function http2Settings(said: Partial<H2Keys>): Http2Settings {
  const keys = { ...h2Defaults, ...only(said) };
  return {
    ...defaultHttp2Settings,
    streamWindow: keys.initialStreamWindowBytes,
    // One stream alone must be able to use its whole window.
    connectionWindow: Math.max(defaultHttp2Settings.connectionWindow, keys.initialStreamWindowBytes),
    windowUpdateRatio: keys.windowUpdateRatio,
    maxFrameBytes: keys.maxFrameBytes,
    maxHeaderListBytes: keys.maxHeaderListBytes,
    headerTableBytes: keys.headerTableBytes,
    maxStreams: keys.maxConcurrentStreamsPerConnection,
  };
}

/** Without what is written as undefined, which would hide a default. */
function only(said: Partial<H2Keys>): Partial<H2Keys> {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}
