/** One set of connections and one schedule for each agent, whichever namers of a daemon ask it. */
import type { Clock, Http, HttpOrigin, Random } from "linkspan/plugin";
import { AgentConnections } from "./connections.ts";
import { Schedule, type ScheduleOptions } from "./schedule.ts";

export interface SharedAgent extends Disposable {
  readonly connections: AgentConnections;
  readonly schedule: Schedule;
}

interface Entry {
  readonly connections: AgentConnections;
  readonly schedule: Schedule;
  leases: number;
}

/** A daemon gives the same HTTP to all of its namers. */
const daemons = new WeakMap<Http, Map<string, Entry>>();

/** `key` tells apart what cannot share connections. Closed when everybody who leased it has disposed of it. */
export function shareAgent(
  http: Http,
  key: string,
  origin: HttpOrigin,
  options: { readonly clock: Clock; readonly random: Random } & ScheduleOptions,
): SharedAgent {
  const agents = daemons.get(http) ?? new Map<string, Entry>();
  daemons.set(http, agents);
  const entry = agents.get(key) ?? {
    connections: new AgentConnections(http, origin),
    schedule: new Schedule(options),
    leases: 0,
  };
  agents.set(key, entry);
  entry.leases++;
  let isOpen = true;
  return {
    connections: entry.connections,
    schedule: entry.schedule,
    [Symbol.dispose]: () => {
      if (!isOpen) return;
      isOpen = false;
      if (--entry.leases > 0) return;
      agents.delete(key);
      entry.schedule[Symbol.dispose]();
      entry.connections[Symbol.dispose]();
    },
  };
}
