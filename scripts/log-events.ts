/** Every event of the log, for the reference. A test compares it with what the sources write. */

export interface LogEvent {
  readonly event: string;
  readonly level: "error" | "warn" | "info" | "debug";
  readonly when: string;
}

const rows: readonly (readonly [string, LogEvent["level"], string])[] = [
  [
    "access_log.failed",
    "warn",
    "The file of an access log cannot be written; `cause` says why. Requests go on, their lines are counted as lost.",
  ],
  ["access_log.recovered", "info", "An access log can be written again, after `downMs`."],
  ["admin.listening", "info", "The admin port listens."],
  ["bug", "error", "A defect in linkspan itself, with its stack. The process goes on. Please report it."],
  ["cluster.opened", "info", "The first request for a bound service arrived."],
  ["config.loaded", "info", "Everything that the file describes is open."],
  ["config.refused", "error", "The file was read again and nothing of it was applied; `cause` says why."],
  [
    "config.reloaded",
    "info",
    "What differs in the file was taken up; `changes` says what, `revision` and `hash` what runs.",
  ],
  ["config.deferred", "warn", "The file has `keys` that only another process takes up; this one keeps what it has."],
  ["config.unchanged", "info", "The file was read again, and means what runs."],
  ["config.unreadable", "warn", "A reload was asked for, and the configuration did not come from a file."],
  ["drain.finished", "info", "Everything is closed; the process ends."],
  ["drain.started", "info", "A signal or the admin port asked for the end; no new connections are taken."],
  [
    "dtab.changed",
    "info",
    "A router's dtab in a file or a registry is another one; `place` says which, `dentries` how many rules it has.",
  ],
  ["dtab.recovered", "info", "A router's dtab in a file or a registry is confirmed again, after `downMs`."],
  [
    "dtab.stale",
    "warn",
    "A router's dtab in a file or a registry cannot be asked for or read; `cause` says why, with the line. The last good one stays in use.",
  ],
  ["endpoint.added", "debug", "A registry named an endpoint that was not known."],
  ["endpoint.ejected", "warn", "Failure accrual took an endpoint out; `reason` says why."],
  ["endpoint.readmitted", "info", "A probe of an ejected endpoint succeeded."],
  ["guard.held", "warn", "The guard does not believe a loss yet: what vanished stays in use."],
  ["guard.released", "info", "A held loss was confirmed, its time is over, or what vanished is back."],
  ["guard.unconfirmed", "debug", "The second look at a held loss gave no answer; it is tried again."],
  [
    "ingress.held",
    "warn",
    "Every Ingress is gone at once: the rules stay in use until that is believed, or some are back.",
  ],
  ["ingress.recovered", "info", "An API server is asked for Ingresses again."],
  ["ingress.refused", "warn", "An Ingress cannot be read; only that one is left out, and the cause is said once."],
  ["ingress.stale", "warn", "An API server cannot be asked for Ingresses; the rules that were known stay in use."],
  ["instance.refused", "warn", "An entry of a registry cannot be read as an instance; only that one is left out."],
  ["instance.refused", "debug", "The same of more than twenty entries of one namer within a minute."],
  [
    "kubernetes.expired",
    "info",
    "An API server forgot the version that a watch was to go on from; all is listed again. Harmless.",
  ],
  ["kubernetes.expired", "debug", "The same again within a minute."],
  [
    "kubernetes.kept",
    "warn",
    "A changed kubeconfig, or a file it names, cannot be used; what it said before stays in use.",
  ],
  ["kubernetes.reloaded", "info", "A changed kubeconfig was read; new requests to its API server use it."],
  [
    "kubernetes.repaired",
    "warn",
    "A list found `count` objects to differ from what a watch had told; they were set right. Please report it.",
  ],
  [
    "kubernetes.truncated",
    "warn",
    "A Service has more endpoints than its Endpoints can hold; an API server with EndpointSlices has them all.",
  ],
  ["namer.recovered", "info", "A namer's registry can be asked again, after `downMs`."],
  ["namer.stale", "warn", "A namer's registry cannot be asked; the last good answers stay in use."],
  ["server.listening", "info", "A router's server listens; once, however many workers do."],
  [
    "server.removed",
    "info",
    "A reload took a server away: it takes no new connections, and those that are open may end.",
  ],
  [
    "snapshot.cut",
    "warn",
    "The snapshot would be larger than it may be; `left` entries that nobody watches are not in it.",
  ],
  ["snapshot.failed", "warn", "The snapshot cannot be written; it is tried again in each interval."],
  ["snapshot.loaded", "info", "What an earlier process knew of the registries was read; `ageMs` says how old it is."],
  ["snapshot.refused", "warn", "The snapshot cannot be used; `cause` says why. The daemon starts without it."],
  ["snapshot.written", "info", "The snapshot can be written again."],
  ["takeover.failed", "error", "A process that was to take over does not serve; `cause` says why. This one serves on."],
  ["takeover.finished", "info", "Another process serves with the sockets of this one, which drains."],
  ["takeover.started", "info", "Another process was started to take over."],
  ["takeover.unanswered", "debug", "Whoever asked this daemon to hand over left before the answer."],
  ["takeover.unavailable", "warn", "No other process can take over from this one; `cause` says why."],
  ["takeover.unwanted", "warn", "An inherited socket is of no server of the configuration; it was closed."],
  ["thread.ended", "error", "A worker or the control thread died; `cause` says why. The others go on without it."],
  ["thread.failed", "error", "A thread that was started anew cannot do its work; it is tried again, ever later."],
  ["thread.restarted", "info", "A thread that had died runs again."],
  [
    "tls.failed",
    "warn",
    "A TLS connection to an endpoint failed; `cause` says whose certificate or what; once a minute for each.",
  ],
  ["tls.kept", "warn", "Changed files of certificates cannot be used; those from before stay in use."],
  ["tls.refused", "info", "A caller's TLS handshake failed; `reason` says why; once a second for each."],
  ["tls.reloaded", "info", "Changed files of certificates were read; new connections use them."],
  ["tcp.refused", "debug", "A TCP connection was closed before it could be named; `reason` says why."],
  ["zookeeper.connected", "info", "A session with ZooKeeper is there, new or continued."],
  ["zookeeper.doubted", "warn", "Every server is behind what this client has seen; it takes a new session."],
  ["zookeeper.expired", "warn", "ZooKeeper ended the session; a new one is made and all watches are set again."],
  ["zookeeper.suspended", "warn", "The connection to ZooKeeper is lost; the client looks for another server."],
  ["zookeeper.unauthorized", "error", "ZooKeeper refused the credentials."],
  ["zookeeper.unreached", "debug", "One server could not be connected to."],
];

export const logEvents: readonly LogEvent[] = rows.map(([event, level, when]) => ({ event, level, when }));
