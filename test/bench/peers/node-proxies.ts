/** The proxies that Node users would write: on the npm package http-proxy, and on node:http2. */
import { join } from "node:path";
import type { Assignment, Peer } from "./peer.ts";

const here = import.meta.dirname;

const certificate = ({ tls }: Assignment): readonly string[] => (tls ? [tls.certPath, tls.keyPath] : []);

export const httpProxy: Peer = {
  name: "http-proxy",
  missing: undefined,
  can: ({ front, back }) => front === "h1" && back.protocol === "h1",
  command: (assignment) => {
    const ports = [String(assignment.port), String(assignment.back.port)];
    const script = join(here, "http-proxy-peer.cjs");
    return [process.execPath, "--no-deprecation", script, ...ports, ...certificate(assignment)];
  },
};

export const nodeHttp2: Peer = {
  name: "node:http2",
  missing: undefined,
  can: ({ front, back }) => front === "h2" && back.protocol === "h2",
  command: (assignment) => {
    const ports = [String(assignment.port), String(assignment.back.port)];
    return [process.execPath, join(here, "http2-peer.cjs"), ...ports, ...certificate(assignment)];
  },
};
