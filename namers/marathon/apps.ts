/** What Marathon says of applications and their tasks, as data. */
import type { Instance, ServiceMember, ServiceReading } from "linkspan/plugin";

type Fields = Readonly<Record<string, unknown>>;

/** Of `GET /v2/apps`: the ids, in lower case, without the slash before them. Throws where it is no list. */
export function readAppIds(value: unknown): ReadonlySet<string> {
  const { apps } = fieldsOf(value);
  if (!Array.isArray(apps)) throw new Error("Marathon's answer is not a list of applications");
  const ids = new Set<string>();
  for (const app of apps as readonly unknown[]) {
    const { id } = fieldsOf(app);
    if (typeof id === "string") ids.add(id.replace(/^\/+/, "").toLowerCase());
  }
  return ids;
}

/** Of `GET /v2/apps/ID?embed=app.tasks`. An answer without `app` is one without tasks. */
export function readTasks(value: unknown, useHealthCheck: boolean): ServiceReading {
  const app = fieldsOf(fieldsOf(value)["app"]);
  const port = discoveryPort(app);
  const checks = listOf(app["healthChecks"]).length;
  const members = new Map<string, ServiceMember>();
  const withdrawn: Instance[] = [];
  const refused = new Map<string, string>();
  for (const [place, entry] of listOf(app["tasks"]).entries()) {
    const task = fieldsOf(entry);
    const address = addressOf(task, port);
    const id = textOf(task["id"]) ?? `#${place}`;
    if (address === undefined) {
      if (isStarted(task)) refused.set(id, "it has no address, or no port that can be connected to");
      continue;
    }
    const ready = !useHealthCheck || isHealthy(task, checks);
    const zone = textOf(task["zone"]);
    const state = textOf(task["state"]);
    const about = { ...(zone === undefined ? {} : { zone }), ...(state === undefined ? {} : { meta: { state } }) };
    const instance: Instance = { id, ...address, ready, ...about };
    if (ready) members.set(id, { address, instance });
    else withdrawn.push(instance);
  }
  return { members, signs: new Set(withdrawn.map(({ id }) => id)), withdrawn, refused };
}

/** Of an application whose tasks have addresses of their own. */
function discoveryPort(app: Fields): number | undefined {
  const [first] = listOf(fieldsOf(fieldsOf(app["ipAddress"])["discovery"])["ports"]);
  return portOf(fieldsOf(first)["number"]);
}

/** Undefined of a task that has no address or port, or none yet. */
function addressOf(task: Fields, discovery: number | undefined): ServiceMember["address"] | undefined {
  const own = listOf(task["ipAddresses"]).map((each) => textOf(fieldsOf(each)["ipAddress"]));
  const host = discovery === undefined ? textOf(task["host"]) : own.find((each) => each !== undefined);
  const port = discovery ?? portOf(listOf(task["ports"])[0]);
  return host === undefined || port === undefined ? undefined : { host, port, weight: 1 };
}

/** One that is not yet may have no address or port yet. */
const isStarted = (task: Fields): boolean => task["state"] === undefined || task["state"] === "TASK_RUNNING";

/** One in its grace period has no result yet, and does not count. */
function isHealthy(task: Fields, checks: number): boolean {
  if (checks === 0) return true;
  if (task["state"] !== "TASK_RUNNING") return false;
  const alive = listOf(task["healthCheckResults"]).filter((result) => fieldsOf(result)["alive"] === true).length;
  return alive >= checks;
}

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const portOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 65_535 ? value : undefined;
