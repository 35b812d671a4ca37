/** What a daemon says to a person at its terminal once it listens. */

export interface Listening {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly admin: { readonly host: string; readonly port: number };
}

/** One line with every address. */
export function listeningLine(listening: Listening): string {
  const servers = listening.servers.map(urlOf).join(", ");
  return `linkspan listens on ${servers || "no port"}; its page is ${urlOf(listening.admin)}/. Ctrl-C ends it.\n`;
}

/** The quick start: what runs, and the commands to try. `file` is where the demo's instances are listed. */
export function demoWelcome(listening: Listening, instances: readonly string[], file: string): string {
  const [server] = listening.servers;
  const [fast = ""] = instances;
  return [
    "",
    `linkspan runs, with two instances of the service \`users\`: ${instances.join(" and ")}.`,
    "",
    "Ask for it by its name, a few times:",
    `  curl -H 'Host: users' ${server ? urlOf(server) : ""}/`,
    "",
    `Watch    ${urlOf(listening.admin)}/`,
    `Change   take ${fast.split(" ")[0]} out of ${file}, and ask again`,
    "End      Ctrl-C",
    "",
    "",
  ].join("\n");
}

/** As a client on this host writes it. */
function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}
