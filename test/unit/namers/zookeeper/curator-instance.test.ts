import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  addressOf,
  type CuratorMeta,
  type CuratorPort,
  type CuratorReading,
  readCuratorInstance,
} from "../../../../namers/zookeeper/curator-instance.ts";

const read = (text: string) => readCuratorInstance(text, "node-1");
const by = (port: CuratorPort, meta: readonly CuratorMeta[] = []): CuratorReading => ({
  port,
  useDisabled: false,
  tags: [],
  meta,
});
/** An instance with an address, and one more field. */
const withField = (field: string): string => `{"name":"u","id":"x","address":"10.0.0.1","port":80${field}}`;

test("the nine fields that Curator writes are read", () => {
  const text =
    '{"name":"users","id":"i-1","address":"127.0.0.1","port":8081,"sslPort":8443,' +
    '"payload":{"@class":"demo.Meta","version":"1.2","zone":"b"},"registrationTimeUTC":1795405748104,' +
    '"serviceType":"DYNAMIC_SEQUENTIAL","uriSpec":{"parts":[{"value":"scheme","variable":true}]}}';
  assert.deepEqual(read(text), {
    id: "i-1",
    host: "127.0.0.1",
    port: 8081,
    tlsPort: 8443,
    weight: 1,
    ready: true,
    payload: { "@class": "demo.Meta", version: "1.2", zone: "b" },
    zone: "b",
    meta: {
      node: "node-1",
      name: "users",
      serviceType: "DYNAMIC_SEQUENTIAL",
      uriSpec: '{"parts":[{"value":"scheme","variable":true}]}',
    },
  });
});

test("an id that is an announcer's mark tells the instance's own id, and where it is at home", () => {
  const { id, origin } = read('{"id":"linkspan:g:m:io.l5d.k8s:shop:pod%3A1","address":"10.0.0.1","port":80}');
  assert.deepEqual({ id, origin }, { id: "pod:1", origin: { registry: "io.l5d.k8s", cluster: "shop" } });
  assert.equal(read('{"id":"linkspan:g:m:::s1","address":"10.0.0.1","port":80}').origin, undefined);
});

test("the id is the JSON's, and the node's only where that has none", () => {
  assert.equal(read(withField("")).id, "x");
  assert.equal(read('{"address":"10.0.0.1","port":80}').id, "node-1");
});

const accepted: readonly (readonly [string, string, number | undefined])[] = [
  ["a port as text", '{"address":"a","port":"8080"}', 8080],
  ["a port with a fraction", '{"address":"a","port":8080.7}', 8080],
  ["an empty port", '{"address":"a","port":""}', undefined],
  ["a port that is null", '{"address":"a","port":null,"sslPort":null}', undefined],
  ["a service type by its number", '{"address":"a","port":1,"serviceType":0}', 1],
  ["a service type that is null", '{"address":"a","port":1,"serviceType":null}', 1],
  ["a registration time as text", '{"address":"a","port":1,"registrationTimeUTC":"1700000000000"}', 1],
  ["an unknown field", '{"address":"a","port":1,"unknownField":{"a":[1]}}', 1],
  ["a URI template as text", '{"address":"a","port":1,"uriSpec":"http://{address}"}', 1],
  ["an unknown payload class", '{"address":"a","port":1,"payload":{"@class":"com.acme.Unknown"}}', 1],
  ["something behind the object", '{"address":"a","port":1} trailing', 1],
  ["a brace in a text, and something behind", '{"address":"a","id":"}\\"","port":1} {', 1],
  ["a field twice", '{"address":"a","port":1,"port":2}', 2],
];
for (const [what, text, port] of accepted) {
  test(`${what} is accepted, as Curator's reader does`, () => assert.equal(read(text).port, port));
}

const refused: readonly (readonly [string, string])[] = [
  ["a port that is no number", '{"address":"a","port":"abc"}'],
  ["a port beyond an int", '{"address":"a","port":99999999999}'],
  ["a service type in lower case", '{"address":"a","port":1,"serviceType":"dynamic"}'],
  ["an array", "[]"],
  ["null", "null"],
  ["nothing", ""],
  ["white space", " "],
  ["half an object", '{"address":"a",'],
  ["no address", '{"port":1}'],
  ["an address that is null", '{"address":null,"port":1}'],
];
for (const [what, text] of refused) {
  test(`${what} is refused`, () => assert.throws(() => read(text), Error));
}

test("enabled is true when it is absent, and false when it is null", () => {
  assert.equal(read(withField("")).ready, true);
  assert.equal(read(withField(',"enabled":true')).ready, true);
  assert.equal(read(withField(',"enabled":false')).ready, false);
  assert.equal(read(withField(',"enabled":null')).ready, false);
});

test("an IPv6 address loses its scope and its brackets", () => {
  assert.equal(read('{"address":"fd00:0:0:0:0:0:0:2%eth0","port":1}').host, "fd00:0:0:0:0:0:0:2");
  assert.equal(read('{"address":"[::1]","port":1}').host, "::1");
});

test("the TLS port is called where there is one, unless the other is preferred", () => {
  const both = read('{"address":"a","port":80,"sslPort":443}');
  assert.equal(addressOf(both, by("sslPort"))?.port, 443);
  assert.equal(addressOf(both, by("port"))?.port, 80);
  const onlyTls = read('{"address":"a","port":null,"sslPort":443}');
  assert.equal(addressOf(onlyTls, by("port"))?.port, 443);
  assert.equal(addressOf(read('{"address":"a"}'), by("sslPort")), undefined);
  assert.equal(addressOf(read('{"address":"a","port":0}'), by("sslPort")), undefined);
  assert.equal(addressOf(read('{"address":"a","port":70000}'), by("sslPort")), undefined);
});

test("by TLS an address has both ports, and the only one otherwise", () => {
  const ports = (text: string) => {
    const { port, tlsPort } = addressOf(read(text), by("byTls")) ?? {};
    return [port, tlsPort];
  };
  assert.deepEqual(ports('{"address":"a","port":80,"sslPort":443}'), [80, 443]);
  assert.deepEqual(ports('{"address":"a","port":80}'), [80, undefined]);
  assert.deepEqual(ports('{"address":"a","sslPort":443}'), [443, undefined]);
  assert.deepEqual(ports('{"address":"a"}'), [undefined, undefined]);
});

test("a port that nobody can listen on is none", () => {
  for (const port of ["sslPort", "port", "byTls"] as const) {
    const address = (text: string) => addressOf(read(text), by(port));
    assert.deepEqual(address('{"address":"a","port":80,"sslPort":0}'), { host: "a", port: 80, weight: 1 });
    assert.deepEqual(address('{"address":"a","port":-1,"sslPort":443}'), { host: "a", port: 443, weight: 1 });
    assert.equal(address('{"address":"a","port":-1,"sslPort":0}'), undefined);
  }
});

test("an address shows what of its instance is wanted, and nothing otherwise", () => {
  const whole = read('{"id":"x","address":"a","port":80,"payload":{"@class":"demo.Meta","zone":"b"}}');
  assert.equal(addressOf(whole, by("port"))?.meta, undefined);
  const meta = { id: "x", zone: "b", payload: '{"@class":"demo.Meta","zone":"b"}' };
  assert.deepEqual(addressOf(whole, by("port", ["id", "zone", "payload"]))?.meta, meta);
  assert.equal(addressOf(read('{"address":"a","port":80}'), by("port", ["zone", "payload"]))?.meta, undefined);
});

test("the zone is the payload's, or that of the metadata in it", () => {
  assert.equal(read(withField(',"payload":{"zone":"b"}')).zone, "b");
  assert.equal(read(withField(',"payload":{"id":"a","metadata":{"zone":"c"}}')).zone, "c");
  assert.equal(read(withField(',"payload":"plain"')).zone, undefined);
  assert.equal(read(withField(',"payload":["java.lang.Long",5]')).zone, undefined);
});

/** What Curator's reader makes of each input (5.4, 5.7): "no address" and "no port" are read, and cannot be called. */
const corpus: readonly (readonly [string, "called" | "no address" | "no port" | "refused"])[] = [
  [
    '{"name":"users","id":"n1","address":"127.0.0.1","port":1,"sslPort":null,"payload":null,"registrationTimeUTC":1,"serviceType":"DYNAMIC","uriSpec":null}',
    "called",
  ],
  ['{"name":"users","id":"n1"}', "no address"],
  ["{}", "no address"],
  ['{"name":null,"id":"x","address":"a","port":1}', "called"],
  ['{"name":"u","id":"x","address":"a","port":"8080"}', "called"],
  ['{"name":"u","id":"x","address":"a","port":8080.0}', "called"],
  ['{"name":"u","id":"x","address":"a","port":8080.7}', "called"],
  ['{"name":"u","id":"x","address":"a","port":"abc"}', "refused"],
  ['{"name":"u","id":"x","address":"a","port":""}', "no port"],
  ['{"name":"u","id":"x","address":"a","port":99999999999}', "refused"],
  ['{"name":"u","id":"x","address":"a","port":1,"serviceType":"dynamic"}', "refused"],
  ['{"name":"u","id":"x","address":"a","port":1,"serviceType":null}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"serviceType":0}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"serviceType":9}', "refused"],
  ['{"name":"u","id":"x","address":"a","port":1,"registrationTimeUTC":null}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"registrationTimeUTC":1.7e12}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"unknownField":1}', "called"],
  // Payloads that no class fits are refused by some of Curator's readers; here nobody opens them.
  ['{"name":"u","id":"x","address":"a","port":1,"payload":{"version":"1","weight":1}}', "called"],
  [
    '{"name":"u","id":"x","address":"a","port":1,"payload":{"version":"1","@class":"demo.Meta","extra":true}}',
    "called",
  ],
  ['{"name":"u","id":"x","address":"a","port":1,"payload":{"@class":"com.acme.Unknown","a":1}}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"payload":"text"}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"payload":[1,2]}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"payload":42}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"payload":""}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"uriSpec":"http://{address}"}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"uriSpec":{"parts":[{"value":"scheme","variable":true}]}}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"uriSpec":{}}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1,"enabled":false}', "called"],
  ['{"Name":"u","id":"x","address":"a","port":1}', "called"],
  ['{"name":"u","id":"x","address":"a","port":1} trailing', "called"],
  ["[]", "refused"],
  ["null", "refused"],
  [" ", "refused"],
  ["", "refused"],
  ['{"name":"u","id":"x","address":"a","port":1,"name":"v"}', "called"],
];
for (const [text, wanted] of corpus) {
  test(`a reader of Curator's and this one agree that it is ${wanted}: ${text}`, () => {
    const outcome = (): string => {
      try {
        return addressOf(read(text), by("sslPort")) ? "called" : "no port";
      } catch (error) {
        return (error as Error).message === "it has no address" ? "no address" : "refused";
      }
    };
    assert.equal(outcome(), wanted);
  });
}

test("whatever text a node holds, reading them gives an instance with an address or an Error", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }).map((bytes) => new TextDecoder().decode(bytes)),
        fc.json(),
      ),
      (text) => {
        try {
          assert.notEqual(readCuratorInstance(text, "n").host, "");
        } catch (error) {
          assert.ok(error instanceof Error && !(error instanceof TypeError));
        }
      },
    ),
  );
});
