/** Where a name server is, as it is written in a configuration. */

export interface DnsServer {
  readonly host: string;
  readonly port: number;
}

const STANDARD_PORT = 53;

/** `10.0.0.2`, `10.0.0.2:5353`, `::1`, `[::1]:5353`, or a host name. Throws an Error with a sentence. */
export function readDnsServer(text: string): DnsServer {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const bare = /^[0-9a-fA-F:.]+(%\w+)?$/.test(text) && text.split(":").length > 2 ? text : undefined;
  const host = bracketed ?? plain ?? bare;
  const number = port === undefined ? STANDARD_PORT : Number(port);
  if (host === undefined || number === 0 || number > 65_535) {
    throw new Error(`${JSON.stringify(text)} is no name server, such as 10.0.0.2 or 10.0.0.2:5353`);
  }
  return { host, port: number };
}

export const showServer = ({ host, port }: DnsServer): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;
