/** Small requests: HTTP/1, HTTP/2, gRPC, and the first two over TLS. */
import { h2load } from "../load/h2load.ts";
import type { Outcome } from "../load/outcome.ts";
import { wrk } from "../load/wrk.ts";
import type { Mode, Scenario } from "./scenario.ts";

const urlOf = (scheme: "http" | "https", port: number, path = "/"): string => `${scheme}://127.0.0.1:${port}${path}`;

const http1 = (scheme: "http" | "https") => (port: number, seconds: number) =>
  wrk({ url: urlOf(scheme, port), seconds, connections: 32 });

const http2 = (scheme: "http" | "https", connections: number, streams: number) => (port: number, seconds: number) =>
  h2load({ url: urlOf(scheme, port), seconds, connections, streams });

const calls: Scenario["saturate"] = (port, seconds, { messageFile }): Promise<Outcome> => {
  const fields = ["content-type: application/grpc", "te: trailers"];
  const url = urlOf("http", port, "/bench.Echo/Unary");
  return h2load({ url, seconds, connections: 8, streams: 16, body: { file: messageFile, fields } });
};

const usual = { unit: "request", isTls: false } as const;

export const h1: Mode = {
  about: "GET of 103 bytes, HTTP/1.1, 32 connections that are kept (wrk -t1 -c32)",
  seconds: 3,
  pacedSeconds: 2,
  scenarios: [{ ...usual, title: "HTTP/1", front: "h1", backend: "h1", saturate: http1("http"), paced: "h1" }],
};

export const h2: Mode = {
  about: "GET of 103 bytes, HTTP/2 in clear text on both sides, 8 connections of 16 streams (h2load -c8 -m16)",
  seconds: 3,
  pacedSeconds: 2,
  scenarios: [{ ...usual, title: "HTTP/2", front: "h2", backend: "h2", saturate: http2("http", 8, 16), paced: "h2" }],
};

export const grpc: Mode = {
  about: "unary calls with messages of 100 bytes each way and trailers, 8 connections of 16 streams (h2load -d)",
  seconds: 3,
  pacedSeconds: 2,
  scenarios: [{ ...usual, title: "gRPC", front: "h2", backend: "grpc", saturate: calls, paced: "grpc" }],
};

export const streams: Mode = {
  about: "1,000 requests at a time, HTTP/2 on both sides, 10 connections of 100 streams (h2load -c10 -m100)",
  seconds: 3,
  pacedSeconds: 0,
  scenarios: [{ ...usual, title: "1,000 streams", front: "h2", backend: "h2", saturate: http2("http", 10, 100) }],
};

export const tls: Mode = {
  about: "as h1 and h2, with TLS 1.3 between caller and proxy",
  seconds: 2,
  pacedSeconds: 2,
  scenarios: [
    {
      ...usual,
      isTls: true,
      title: "HTTP/1 over TLS",
      front: "h1",
      backend: "h1",
      saturate: http1("https"),
      paced: "h1",
    },
    {
      ...usual,
      isTls: true,
      title: "HTTP/2 over TLS",
      front: "h2",
      backend: "h2",
      saturate: http2("https", 8, 16),
      paced: "h2",
    },
  ],
};
