/** What a TCP router may say of its servers and clusters. */
import { announceKeys } from "./announcer-field.ts";
import { connectionBalancer } from "./balancer-schema.ts";
import { clientSchema } from "./client-schema.ts";
import { connectionCheck } from "./health-schema.ts";
import { socketOptions } from "./linkerd-keys.ts";
import { refusals } from "./linkerd-kinds.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";

/** The file must say the port: there is none that is everybody's. */
export const tcpServer = s.object(
  {
    port: s.port({ doc: "The port; 0 lets the system choose." }),
    ip: s.ip({ default: "127.0.0.1", doc: "The address to listen on; 0.0.0.0 for all." }),
    label: s.optional(s.string({ doc: "A name, for people." })),
    ...announceKeys,
    socketOptions,
  },
  {
    refused: {
      maxConcurrentRequests: "`maxConcurrentRequests` is for requests; a TCP router has none",
      timeoutMs: "`timeoutMs` is for requests; a TCP router has none",
      tls: "`tls` is for servers of http and h2 routers: a TCP router passes TLS on untouched",
    },
  },
);

/** The keys of connections are those of every client; `http` and `h2` have more for their requests. */
export function tcpClient(registry: Registry) {
  const { failureAccrual, maxPendingRequests, failFast } = clientSchema(registry, "http").fields;
  const ofRequests = (key: string): readonly [string, string] => [
    key,
    `\`${key}\` is for requests; a TCP router has none`,
  ];
  return s.object(
    {
      loadBalancer: connectionBalancer(registry),
      failureAccrual,
      healthCheck: connectionCheck,
      connectTimeoutMs: s.integer({ min: 1, default: 3000, doc: "How long a connection may take." }),
      idleTimeoutMs: s.integer({
        min: 1,
        default: 600_000,
        doc: "Closes a connection on which no byte moves so long.",
      }),
      maxPendingRequests,
      failFast,
      socketOptions,
    },
    {
      refused: {
        ...refusals(["maxConcurrentRequests"]),
        ...Object.fromEntries(
          [
            "hostConnectionPool",
            "clientSession",
            "requestAttemptTimeoutMs",
            "requeueBudget",
            "protocol",
            "adaptiveConcurrency",
          ].map(ofRequests),
        ),
        tls: "`tls` is for clients of http and h2 routers: a TCP router passes TLS on untouched",
      },
    },
  );
}
