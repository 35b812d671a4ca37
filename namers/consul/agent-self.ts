/** What an agent says of itself: the datacenter it is in, and the domain of Consul's DNS names. */
import { type Clock, failed, ok, type Random, Var, watch } from "linkspan/plugin";
import type { ConsulAgent } from "./agent.ts";

export interface AgentSelf {
  /** `undefined` where the agent does not say it. */
  readonly datacenter: string | undefined;
  /** Without dots around it. */
  readonly domain: string;
  /** What it calls the node that it is on. */
  readonly node: string | undefined;
}

const AGAIN_MS = 600_000;
const RETRY = { minMs: 100, maxMs: 1_000 };

/** Asked while it is observed; an agent that once answered is asked again now and then, and otherwise believed. */
export function agentSelf(agent: ConsulAgent, clock: Clock, random: Random): Var<AgentSelf> {
  const start = (set: Parameters<Parameters<typeof Var.source<AgentSelf>>[0]>[0]): Disposable => {
    let isKnown = false;
    return watch<AgentSelf>({
      attempt: async (emit, signal) => {
        const { text } = await agent.ask({ path: "/v1/agent/self", lane: "read", signal });
        emit(ok(readSelf(text)));
        isKnown = true;
      },
      // What an agent is does not change for an outage.
      set: (state) =>
        void ((state.tag === "ok" || !isKnown) && set(state.tag === "failed" ? failed(state.cause) : state)),
      clock,
      random,
      pauseMs: AGAIN_MS,
      retry: RETRY,
    });
  };
  return Var.source<AgentSelf>(start, {
    clock,
    equals: (a, b) => a.datacenter === b.datacenter && a.domain === b.domain,
  });
}

/** Throws an Error when `text` is no answer of Consul's. */
export function readSelf(text: string): AgentSelf {
  const value = JSON.parse(text) as unknown;
  const config = fieldsOf(fieldsOf(value)["Config"]);
  const debug = fieldsOf(fieldsOf(value)["DebugConfig"]);
  const domain = (textOf(config["Domain"]) ?? textOf(debug["DNSDomain"]) ?? "").replace(/^\.+|\.+$/g, "");
  return {
    datacenter: textOf(config["Datacenter"]),
    domain: domain === "" ? "consul" : domain,
    node: textOf(config["NodeName"]),
  };
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
