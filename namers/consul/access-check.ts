/** Whether the token may read a service: an agent that denies by default answers with an empty list, and not with 403. */
import type { Clock } from "linkspan/plugin";
import { AgentError, type ConsulAgent } from "./agent.ts";

/** How long an agent without ACLs, or too old for the question, is not asked again. */
const PAUSE_MS = 300_000;
const WITHIN_MS = 3_000;

/** One a namer. */
export class AccessCheck {
  readonly #agent: ConsulAgent;
  readonly #clock: Clock;
  #notBefore = 0;

  constructor(agent: ConsulAgent, clock: Clock) {
    this.#agent = agent;
    this.#clock = clock;
  }

  /**
   * Rejects when the agent says that the token may not read it. Resolves when it may, and where the agent cannot tell:
   * without ACLs, or before 1.8.
   */
  async mayRead(service: string, dc: string, signal: AbortSignal): Promise<void> {
    if (this.#clock.now() < this.#notBefore) return;
    const path = `/v1/internal/acl/authorize?dc=${encodeURIComponent(dc)}`;
    const body = JSON.stringify([{ Resource: "service", Access: "read", Segment: service }]);
    let text: string;
    try {
      ({ text } = await this.#agent.ask({ path, body, lane: "read", signal, withinMs: WITHIN_MS }));
    } catch (error) {
      if (!(error instanceof AgentError) || error.status === 403 || error.status >= 500) throw error;
      this.#notBefore = this.#clock.now() + PAUSE_MS;
      return;
    }
    if (/"Allow"\s*:\s*false/.test(text)) throw forbidden(this.#agent, service);
  }
}

export const forbidden = (agent: ConsulAgent, service: string): Error =>
  new Error(`the token may not read the service ${service} of ${agent.shown}, or there is no token`);
