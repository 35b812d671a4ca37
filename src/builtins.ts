/** The plugins in the box. */
import consul from "../namers/consul/index.ts";
import dnsNamers from "../namers/dns-srv/index.ts";
import fs from "../namers/fs/index.ts";
import kubernetes from "../namers/kubernetes/index.ts";
import marathon from "../namers/marathon/index.ts";
import namerd from "../namers/namerd/index.ts";
import nomad from "../namers/nomad/index.ts";
import rewrite from "../namers/rewrite/index.ts";
import zookeeper from "../namers/zookeeper/index.ts";
import type { AnyPlugin } from "./config/plugin.ts";
import consecutiveFailures from "./plugins/accruals/consecutive-failures.ts";
import none from "./plugins/accruals/none.ts";
import successRateWindowed from "./plugins/accruals/success-rate-windowed.ts";
import successRate from "./plugins/accruals/success-rate.ts";
import aperture from "./plugins/balancers/aperture.ts";
import ewma from "./plugins/balancers/ewma.ts";
import heap from "./plugins/balancers/heap.ts";
import p2c from "./plugins/balancers/p2c.ts";
import roundRobin from "./plugins/balancers/round-robin.ts";
import grpcClassifiers from "./plugins/classifiers/by-grpc-status.ts";
import rules from "./plugins/classifiers/by-rules.ts";
import classifiers from "./plugins/classifiers/by-status.ts";
import header from "./plugins/identifiers/header.ts";
import headerPath from "./plugins/identifiers/header-path.ts";
import headerToken from "./plugins/identifiers/header-token.ts";
import host from "./plugins/identifiers/host.ts";
import match from "./plugins/identifiers/match.ts";
import methodAndHost from "./plugins/identifiers/method-and-host.ts";
import path from "./plugins/identifiers/path.ts";
import port from "./plugins/identifiers/port.ts";
import sni from "./plugins/identifiers/sni.ts";
import fixed from "./plugins/identifiers/static.ts";
import defaultInterpreter from "./plugins/interpreters/default.ts";
import istio from "./plugins/interpreters/istio.ts";
import notServed from "./plugins/not-served.ts";
import global from "./plugins/system-namers/global.ts";
import hostAndPort from "./plugins/system-namers/host-and-port.ts";
import httpNames from "./plugins/system-namers/http-names.ts";
import constant from "./plugins/transformers/const.ts";
import localhost from "./plugins/transformers/localhost.ts";
import portTransformer from "./plugins/transformers/port.ts";
import replace from "./plugins/transformers/replace.ts";
import specificHost from "./plugins/transformers/specific-host.ts";

export const builtins: readonly AnyPlugin[] = [
  ...fs,
  ...consul,
  ...dnsNamers,
  ...kubernetes,
  marathon,
  nomad,
  ...zookeeper,
  p2c,
  ewma,
  heap,
  aperture,
  roundRobin,
  consecutiveFailures,
  successRate,
  successRateWindowed,
  none,
  headerToken,
  headerPath,
  methodAndHost,
  path,
  header,
  fixed,
  host,
  match,
  port,
  sni,
  ...classifiers,
  ...grpcClassifiers,
  rules,
  rewrite,
  global,
  ...hostAndPort,
  ...httpNames,
  localhost,
  specificHost,
  portTransformer,
  replace,
  constant,
  defaultInterpreter,
  istio,
  ...namerd,
  ...notServed,
];
