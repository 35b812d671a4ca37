/** Makes the settings of HTTP/2 connections of what the configuration says of them. */
import type { ClientConfig, H2ClientKeys, ServerConfig } from "./config/config.ts";
import { defaultHttp2Settings, type Http2Settings } from "./http2/settings.ts";

/** No window is let run dry: a sender that waits for it to be opened again would lose a round trip each time. */
const MAX_RATIO = 0.5;

export function http2ServerSettings(server: ServerConfig): Http2Settings {
  const {
    maxConcurrentStreamsPerConnection: maxStreams,
    connect,
    tunnelIdleMs,
    minBodyBytesPerMin,
    serverSession,
  } = server;
  return {
    ...http2Settings(server),
    ...(maxStreams === undefined ? {} : { maxStreams }),
    ...(serverSession?.idleTimeMs === undefined ? {} : { idleTimeoutMs: serverSession.idleTimeMs }),
    ...(connect === undefined ? {} : { connect }),
    ...(tunnelIdleMs === undefined ? {} : { tunnelTimeoutMs: tunnelIdleMs }),
    ...(minBodyBytesPerMin === undefined ? {} : { bodyBytes: minBodyBytesPerMin }),
  };
}

export function http2ClientSettings(client: ClientConfig): Http2Settings {
  return http2Settings(client);
}

function http2Settings(keys: { readonly [key in keyof H2ClientKeys]?: number | undefined }): Http2Settings {
  const standard = defaultHttp2Settings;
  const streamWindow = keys.initialStreamWindowBytes ?? standard.streamWindow;
  return {
    ...standard,
    streamWindow,
    connectionWindow: Math.max(standard.connectionWindow, streamWindow),
    windowUpdateRatio: Math.min(MAX_RATIO, keys.windowUpdateRatio ?? standard.windowUpdateRatio),
    maxFrameBytes: keys.maxFrameBytes ?? standard.maxFrameBytes,
    maxHeaderListBytes: keys.maxHeaderListBytes ?? standard.maxHeaderListBytes,
    headerTableBytes: keys.headerTableBytes ?? standard.headerTableBytes,
  };
}
