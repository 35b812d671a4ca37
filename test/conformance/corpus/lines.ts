/** What ends lines and what stands in them: bare CR and LF, NUL and other controls, folds, and white space before colons. */
import { type Case, EVIL, passed, refused } from "./case.ts";

const head = (text: string): string => `${text}\r\n\r\n`;

/** A byte that no head may have, in every place of one; `\0` stands for the place. */
const places: readonly (readonly [string, string])[] = [
  ["before the method", "\0GET / HTTP/1.1\r\nHost: a\r\nX: y"],
  ["in the method", "G\0ET / HTTP/1.1\r\nHost: a\r\nX: y"],
  ["behind the method", "GET\0 / HTTP/1.1\r\nHost: a\r\nX: y"],
  ["before the target", "GET \0/ HTTP/1.1\r\nHost: a\r\nX: y"],
  ["in the target", "GET /a\0b HTTP/1.1\r\nHost: a\r\nX: y"],
  ["behind the target", "GET /\0 HTTP/1.1\r\nHost: a\r\nX: y"],
  ["before the version", "GET / \0HTTP/1.1\r\nHost: a\r\nX: y"],
  ["in the version", "GET / HTTP/\x001.1\r\nHost: a\r\nX: y"],
  ["behind the version", "GET / HTTP/1.1\0\r\nHost: a\r\nX: y"],
  ["before a name", "GET / HTTP/1.1\r\nHost: a\r\n\0X: y"],
  ["in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\0X: y"],
  ["behind a name", "GET / HTTP/1.1\r\nHost: a\r\nX\0: y"],
  ["in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: y\0z"],
  ["behind a value", "GET / HTTP/1.1\r\nHost: a\r\nX: y\0"],
  ["in the Host", "GET / HTTP/1.1\r\nHost: a\0b\r\nX: y"],
];

const troubles: readonly (readonly [string, string])[] = [
  ["a NUL", "\0"],
  ["a bare CR", "\r"],
  ["a bare LF", "\n"],
  ["a vertical tab", "\x0b"],
  ["a DEL", "\x7f"],
];

const everywhere = troubles.flatMap(([what, byte]) =>
  places.map(([where, text]) => refused(`${what} ${where}`, head(text.replace("\0", byte)))),
);

const folds: readonly Case[] = [
  refused("a fold by a space", head("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z")),
  refused("a fold by a tab", head("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz")),
  refused("a fold of nothing", head("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n ")),
  refused("a fold of Host", head("GET / HTTP/1.1\r\nHost: a\r\n b")),
  refused("a fold of an empty Host", head("GET / HTTP/1.1\r\nHost:\r\n a")),
  refused("a fold behind the request line", head("GET / HTTP/1.1\r\n Host: a")),
  refused("a fold that is a field", head("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n Content-Length: 5")),
  refused("a fold by a bare LF", head("GET / HTTP/1.1\r\nHost: a\r\nX: y\n z")),
  refused("two folds", head("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\tw")),
];

const colons = [" ", "\t", "  ", "\xa0", "\r\n "].flatMap((blank) => [
  refused(`${JSON.stringify(blank)} before the colon of Host`, head(`GET / HTTP/1.1\r\nHost${blank}: a`)),
  refused(`${JSON.stringify(blank)} before the colon of a field`, head(`GET / HTTP/1.1\r\nHost: a\r\nX${blank}: y`)),
]);

const ends: readonly Case[] = [
  refused("a head that ends in LFs", "GET / HTTP/1.1\r\nHost: a\n\n"),
  refused("a head that ends in CRLF LF", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
  refused("a head that ends in LF CRLF", "GET / HTTP/1.1\r\nHost: a\n\r\n"),
  refused("a head that ends in CRs", "GET / HTTP/1.1\r\nHost: a\r\r"),
  refused("a head that ends in CR CRLF", "GET / HTTP/1.1\r\nHost: a\r\r\n"),
  refused("a head that ends in LF CR LF CR", "GET / HTTP/1.1\r\nHost: a\n\r\n\r"),
  refused("a request in a value behind LFs", `GET / HTTP/1.1\r\nHost: a\r\nX: y\n\n${EVIL}`),
  refused("a request in a value behind CRs", `GET / HTTP/1.1\r\nHost: a\r\nX: y\r\r${EVIL}`),
  refused("a request in a name", head("GET / HTTP/1.1\r\nHost: a\r\nGET /evil HTTP/1.1\r\nX: y")),
  refused("two empty lines before a request", head("\r\n\r\nGET / HTTP/1.1\r\nHost: a")),
  refused("an empty line of a bare LF before a request", head("\nGET / HTTP/1.1\r\nHost: a")),
  refused("an empty line of a bare CR before a request", head("\rGET / HTTP/1.1\r\nHost: a")),
  refused("a space before a request", head(" GET / HTTP/1.1\r\nHost: a")),
  refused("an empty name", head("GET / HTTP/1.1\r\nHost: a\r\n: y")),
  refused("a line without a colon", head("GET / HTTP/1.1\r\nHost: a\r\nX")),
  passed("one empty line before a request", head("\r\nGET / HTTP/1.1\r\nHost: a"), "GET /"),
  passed("a tab in a value", head("GET / HTTP/1.1\r\nHost: a\r\nX: y\tz"), "GET /"),
  passed("a value of colons", head("GET / HTTP/1.1\r\nHost: a\r\nX:::"), "GET /"),
  passed("high bytes in a value", head("GET / HTTP/1.1\r\nHost: a\r\nX: \x80\x85\xa0\xff"), "GET /"),
  passed("all signs of a token in a name", head("GET / HTTP/1.1\r\nHost: a\r\n!#$%&'*+-.^_`|~: y"), "GET /"),
];

export const lines: readonly Case[] = [...everywhere, ...folds, ...colons, ...ends];
