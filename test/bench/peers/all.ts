/** Every proxy that is compared, in the order of the tables. */
import { caddy } from "./caddy.ts";
import { envoy } from "./envoy.ts";
import { haproxy } from "./haproxy.ts";
import { linkspan } from "./linkspan.ts";
import { nghttpx } from "./nghttpx.ts";
import { nginx } from "./nginx.ts";
import { httpProxy, nodeHttp2 } from "./node-proxies.ts";
import type { Peer } from "./peer.ts";

export const peers: readonly Peer[] = [
  haproxy,
  nginx,
  nghttpx,
  linkspan(1, "linkspan"),
  linkspan(0, "linkspan w0"),
  envoy,
  caddy,
  httpProxy,
  nodeHttp2,
];
