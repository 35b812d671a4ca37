/** What an endpoint is asked in an active check, and which answers pass. */
import { type Address, addressKey } from "../../base/address.ts";
import { BytesBody } from "../../http/error-response.ts";
import type { Exchange } from "../../http/exchange.ts";
import { HeaderList } from "../../http/header-list.ts";
import type { OwnRequest } from "../../http/own-exchange.ts";
import type { CheckResult } from "./check.ts";
import { readServingStatus, writeHealthRequest } from "./grpc-health.ts";

export interface Question {
  request(address: Address): OwnRequest;
  /** Of the head of the answer; `undefined` where its body and its end are to be read. */
  judgeHead(x: Exchange): CheckResult | undefined;
  judge(x: Exchange, body: Uint8Array): CheckResult;
}

const AGENT = "linkspan-health";

/** Statuses from 200 to 399 pass, as they do for Kubernetes. */
export class HttpQuestion implements Question {
  readonly #path: string;
  readonly #version: 11 | 20;

  constructor(path: string, protocol: "http" | "h2") {
    this.#path = path;
    this.#version = protocol === "h2" ? 20 : 11;
  }

  request(address: Address): OwnRequest {
    const headers = HeaderList.of([
      ["host", addressKey(address)],
      ["user-agent", AGENT],
    ]);
    return { version: this.#version, method: "GET", target: this.#path, headers };
  }

  judgeHead({ response: { status } }: Exchange): CheckResult {
    return { outcome: status >= 200 && status < 400 ? "passed" : "failed", answer: String(status) };
  }

  judge(x: Exchange): CheckResult {
    return this.judgeHead(x);
  }
}

/** `grpc.health.v1.Health/Check`: SERVING passes. */
export class GrpcQuestion implements Question {
  readonly #body: Uint8Array;

  /** `service` is the name that is asked for; the empty one stands for the whole server. */
  constructor(service: string) {
    this.#body = writeHealthRequest(service);
  }

  request(address: Address): OwnRequest {
    const headers = HeaderList.of([
      ["host", addressKey(address)],
      ["user-agent", AGENT],
      ["content-type", "application/grpc"],
      ["te", "trailers"],
    ]);
    const target = "/grpc.health.v1.Health/Check";
    return { version: 20, method: "POST", target, headers, body: new BytesBody(this.#body) };
  }

  judgeHead({ response: { status, headers } }: Exchange): CheckResult | undefined {
    if (status !== 200) return { outcome: "failed", answer: String(status) };
    const early = headers.get("grpc-status");
    return early === undefined ? undefined : byStatus(early);
  }

  judge(x: Exchange, body: Uint8Array): CheckResult {
    const status = x.trailers?.get("grpc-status");
    if (status !== "0") return byStatus(status ?? "none");
    const serving = readServingStatus(body);
    return { outcome: serving === "SERVING" ? "passed" : "failed", answer: serving };
  }
}

/** Whoever says no more than a status says that nothing serves. */
const byStatus = (status: string): CheckResult => ({ outcome: "failed", answer: `grpc-status ${status}` });
