/** What Eureka says of applications, as data. Whatever it sends, reading it does not throw but where it is no answer. */
import type { Instance, ServiceMember, ServiceReading } from "linkspan/plugin";

type Fields = Readonly<Record<string, unknown>>;

/** Of `GET /apps`: the names of all applications, in lower case. */
export function readNames(value: unknown): readonly string[] {
  const { applications } = fieldsOf(value);
  if (applications === undefined) throw new Error("Eureka's answer has no applications");
  const names = listOf(fieldsOf(applications)["application"]).map((each) => fieldsOf(each)["name"]);
  return names.flatMap((name) => (typeof name === "string" ? [name.toLowerCase()] : [])).sort();
}

/** Of `GET /apps/APP`. An instance that is not UP says itself that it is not to be called: that is a sign. */
export function readApplication(value: unknown, secure: boolean): ServiceReading {
  const { application } = fieldsOf(value);
  if (application === undefined) throw new Error("Eureka's answer has no application");
  const members = new Map<string, ServiceMember>();
  const withdrawn: Instance[] = [];
  const refused = new Map<string, string>();
  for (const [place, entry] of listOf(fieldsOf(application)["instance"]).entries()) {
    const fields = fieldsOf(entry);
    const instance = instanceOf(fields, secure);
    if (instance === undefined) {
      refused.set(textOf(fields["instanceId"]) ?? `#${place}`, "it has no host, or no port that is enabled");
      continue;
    }
    const { host, port, weight } = instance;
    if (instance.ready) members.set(instance.id, { instance, address: { host, port, weight } });
    else withdrawn.push(instance);
  }
  return { members, signs: new Set(withdrawn.map(({ id }) => id)), withdrawn, refused };
}

function instanceOf(fields: Fields, secure: boolean): (Instance & { readonly port: number }) | undefined {
  const host = textOf(fields["ipAddr"]) ?? textOf(fields["hostName"]);
  const port = (secure ? portOf(fields["securePort"]) : undefined) ?? portOf(fields["port"]);
  if (host === undefined || port === undefined) return undefined;
  const { zone, weight } = fieldsOf(fields["metadata"]);
  return {
    id: textOf(fields["instanceId"]) ?? `${host}:${port}`,
    host,
    port,
    weight: weightOf(weight),
    ready: fields["status"] === "UP",
    ...(typeof zone === "string" && zone !== "" ? { zone } : {}),
  };
}

/** `{"$": 8080, "@enabled": "true"}`; undefined where it is not enabled. */
function portOf(value: unknown): number | undefined {
  const { $: number, "@enabled": enabled } = fieldsOf(value);
  const port = Number(number);
  return String(enabled) === "true" && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/** Metadata are texts. */
function weightOf(value: unknown): number {
  const weight = Number(value ?? 1);
  return Number.isFinite(weight) && weight > 0 ? weight : 1;
}

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});

/** Old servers write one entry as it is, and only several as a list. */
const listOf = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
