/** What may be said of active health checks of endpoints. */
import type { SchemaProblem } from "./plugin.ts";
import { s } from "./schema.ts";

const path = s.text(
  {
    expected: "a path that begins with `/`",
    parse(text) {
      if (!/^\/[!-~]*$/.test(text)) throw new Error(`${JSON.stringify(text)} is not the path of a request`);
      return text;
    },
  },
  { default: "/health", doc: "What a check by `http` asks for." },
);

const LEAST_MS = 10;

const doc =
  "Checks every endpoint beside the requests; one that fails its checks is out as one that fails requests is.";

const fields = {
  kind: s.oneOf(["http", "grpc", "tcp"], {
    doc: "`http` passes by a status from 200 to 399, `grpc` by SERVING of `grpc.health.v1`, `tcp` by a connection.",
  }),
  path,
  service: s.string({ default: "", doc: "The service that a check by `grpc` asks for; the whole server if not said." }),
  interval: s.duration({ default: "10s", doc: "How often each endpoint is checked; a tenth more or less each time." }),
  timeout: s.duration({ default: "1s", doc: "How long a check may take." }),
  down: s.integer({ min: 1, default: 3, doc: "So many failed checks in a row put an endpoint out." }),
  up: s.integer({ min: 1, default: 2, doc: "So many passed checks in a row bring it back." }),
};

interface Times {
  readonly interval: number;
  readonly timeout: number;
}

function tooShort({ interval, timeout }: Times): readonly SchemaProblem[] {
  return Object.entries({ interval, timeout }).flatMap(([key, ms]) =>
    ms >= LEAST_MS ? [] : [{ at: [key], message: `\`${key}\` is below ${LEAST_MS} ms`, expected: "more, such as 1s" }],
  );
}

export const healthCheck = s.optional(s.object(fields, { check: tooShort, doc }));

/** Of endpoints that no request is sent to. */
export const connectionCheck = s.optional(
  s.object(fields, {
    check: ({ kind, ...times }) =>
      kind === "tcp"
        ? tooShort(times)
        : [{ at: ["kind"], message: `\`${kind}\` asks by a request`, expected: "`tcp`" }],
    doc,
  }),
);
