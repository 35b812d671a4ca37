/** The Service of an announcement: what it is to be, and whether the one that stands there may be written to. */
import { type ApiObject, fieldsOf, listOf, metadataOf, textOf } from "./json-fields.ts";
import { MANAGER } from "./slice-marks.ts";

/** What is announced as which port of the Service. */
export interface PortRule {
  readonly name: string;
  /** Of the Service. */
  readonly port: number;
  /** Which port of the instances it leads to. */
  readonly from: "port" | "tlsPort";
}

export interface ServiceWish {
  readonly namespace: string;
  readonly service: string;
  readonly ports: readonly PortRule[];
  readonly headless: boolean;
  readonly group: string;
}

/** What stands there, judged. */
export type ServiceVerdict =
  | { readonly tag: "missing" }
  /** `reason` in one sentence. */
  | { readonly tag: "refused"; readonly reason: string }
  /** `isOwn`: this group has made it. `change` is what is to be written over it then, where it differs. */
  | { readonly tag: "ours"; readonly uid: string | undefined; readonly isOwn: boolean; readonly change?: ApiObject };

const MANAGED_BY = "app.kubernetes.io/managed-by";
/** The group that made the Service, and says which ports it has. */
const MAKER = "linkspan.io/maker";

/** No selector: then the API server's controllers leave its EndpointSlices to whoever writes them. */
export function serviceObject({ namespace, service, ports, headless, group }: ServiceWish): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: service, namespace, labels: { [MANAGED_BY]: MANAGER }, annotations: { [MAKER]: group } },
    spec: {
      type: "ClusterIP",
      ...(headless ? { clusterIP: "None" } : {}),
      // One family where the cluster has only one.
      ipFamilyPolicy: "PreferDualStack",
      ports: ports.map(portObject),
    },
  };
}

export function judgeService(object: ApiObject | undefined, wish: ServiceWish): ServiceVerdict {
  if (!object) return { tag: "missing" };
  const reason = strange(object) ?? unfit(object, wish);
  if (reason !== undefined)
    return { tag: "refused", reason: `the Service ${wish.namespace}/${wish.service} ${reason}` };
  const metadata = metadataOf(object);
  const maker = makerOf(object);
  const isOwn = maker === wish.group;
  const change = isOwn && !hasPorts(object, wish) ? changed(object, wish) : undefined;
  return { tag: "ours", uid: textOf(metadata["uid"]), isOwn, ...(change ? { change } : {}) };
}

/** Why it is nobody's to write to but its owner's. */
function strange(object: ApiObject): string | undefined {
  const { labels, ownerReferences, deletionTimestamp } = metadataOf(object);
  const spec = fieldsOf(object["spec"]);
  const manager = textOf(fieldsOf(labels)[MANAGED_BY]);
  const owner = listOf(ownerReferences, "owners")
    .map(fieldsOf)
    .find(({ controller }) => controller === true);
  if (Object.keys(fieldsOf(spec["selector"])).length > 0)
    return "has a selector, so its endpoints are the pods of that";
  if (spec["type"] === "ExternalName") return "is an ExternalName, which has no endpoints";
  if (owner) return `belongs to ${textOf(owner["kind"]) ?? "an object"} ${textOf(owner["name"]) ?? ""}`.trimEnd();
  if (manager !== MANAGER) {
    const whose = manager === undefined ? "was not made by an announcer" : `is managed by ${manager}`;
    return `${whose}; the label ${MANAGED_BY}=${MANAGER} would hand it over`;
  }
  return textOf(deletionTimestamp) === undefined ? undefined : "is being deleted";
}

/** Why it cannot become what is wished. */
function unfit(object: ApiObject, wish: ServiceWish): string | undefined {
  const isHeadless = fieldsOf(object["spec"])["clusterIP"] === "None";
  if (isHeadless !== wish.headless) {
    const is = isHeadless ? "is headless" : "has an address of its own";
    return `${is}, and cannot change that; delete it, or say \`headless: ${isHeadless}\``;
  }
  const maker = makerOf(object);
  if (maker === wish.group || wish.ports.every((each) => isAmong(portsIn(object), each))) return undefined;
  return `has other ports${maker === undefined ? " than are announced" : `, as ${maker} wants them`}`;
}

const makerOf = (object: ApiObject): string | undefined => textOf(fieldsOf(metadataOf(object)["annotations"])[MAKER]);

function hasPorts(object: ApiObject, { ports }: ServiceWish): boolean {
  const standing = portsIn(object);
  return standing.length === ports.length && ports.every((each) => isAmong(standing, each));
}

const portsIn = (object: ApiObject): readonly ApiObject[] =>
  listOf(fieldsOf(object["spec"])["ports"], "ports").map(fieldsOf);

const isAmong = (standing: readonly ApiObject[], { name, port }: PortRule): boolean =>
  standing.some((each) => textOf(each["name"]) === name && each["port"] === port);

/** What others have written beside it stays. */
function changed(object: ApiObject, wish: ServiceWish): ApiObject {
  const spec = { ...fieldsOf(object["spec"]), ports: wish.ports.map(portObject) };
  return { ...object, apiVersion: "v1", kind: "Service", spec };
}

const portObject = ({ name, port }: PortRule): ApiObject => ({ name, port, protocol: "TCP" });
