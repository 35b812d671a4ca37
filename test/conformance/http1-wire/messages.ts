/** What the tables of bytes are made of. */
export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
export const OK_SEEN = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nvia: 1.1 linkspan\r\n\r\nok";
export const VIA = "via: 1.1 linkspan\r\n";

export const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
export const HEAD = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
export const GET10 = "GET / HTTP/1.0\r\nHost: a\r\n\r\n";
export const GET10_KEEP = "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n";

export const repeat = (text: string, count: number): string => text.repeat(count);
export const fields = (count: number): string =>
  Array.from({ length: count }, (_unused, at) => `X-${at}: v\r\n`).join("");
