/** What kubeconfig files say, as data: contexts, clusters and users by their names. */
import { dirname, resolve } from "node:path";
import { nearest, type ParsedText, Secret } from "linkspan/plugin";
import { KubeconfigNode } from "./kubeconfig-node.ts";

export interface KubeContext {
  readonly cluster: string;
  /** "" where it names none: then nobody in particular asks. */
  readonly user: string;
  readonly namespace: string | undefined;
}

/** PEM: as text, or a file. */
export type Pem = { readonly text: string } | { readonly file: string };

export interface KubeCluster {
  readonly server: string;
  readonly ca: Pem | undefined;
  readonly serverName: string | undefined;
  readonly disableValidation: boolean;
  readonly proxyUrl: string | undefined;
  /** What the cluster has for exec plugins. */
  readonly execConfig: unknown;
}

export interface KubeUser {
  readonly token: Secret | undefined;
  readonly tokenFile: string | undefined;
  readonly certificate: { readonly cert: Pem; readonly key: { readonly file: string } | Secret } | undefined;
  readonly login: { readonly username: string; readonly password: Secret } | undefined;
  readonly exec: KubeExec | undefined;
}

/** A command that makes credentials. */
export interface KubeExec {
  readonly apiVersion: string;
  /** A path, absolute where it has a slash, or a name to be looked for on the path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, Secret>>;
  readonly installHint: string | undefined;
  readonly providesClusterInfo: boolean;
}

/** Entries are read when they are used: what is wrong with others is of no matter. */
type Entries<T> = ReadonlyMap<string, () => T>;

export interface Kubeconfig {
  readonly current: string | undefined;
  readonly contexts: Entries<KubeContext>;
  readonly clusters: Entries<KubeCluster>;
  readonly users: Entries<KubeUser>;
}

/** The name under which a cluster has something for exec plugins. */
const EXEC_EXTENSION = "client.authentication.k8s.io/exec";
/** Refused, since what is asked without them would be asked as somebody else. */
const REFUSED_OF_USERS: Readonly<Record<string, string>> = {
  as: "to impersonate somebody is not supported",
  "auth-provider": "Kubernetes has given up auth providers; use `exec`",
};

/** Relative paths in it start at the file's folder. Throws an Error that says where the mistake is. */
export function readKubeconfig(file: string, parsed: ParsedText): Kubeconfig {
  const root = KubeconfigNode.root(parsed);
  const base = dirname(file);
  return {
    current: root.text("current-context"),
    contexts: byName(root, "contexts", "context", readContext),
    clusters: byName(root, "clusters", "cluster", (node) => readCluster(node, base)),
    users: byName(root, "users", "user", (node) => readUser(node, base)),
  };
}

/** The first file that sets a value, or a name, has its way. */
export function mergedKubeconfig(files: readonly Kubeconfig[]): Kubeconfig {
  const merged = <T>(of: (file: Kubeconfig) => Entries<T>): Entries<T> =>
    new Map(files.toReversed().flatMap((file) => [...of(file)]));
  return {
    current: files.find(({ current }) => current !== undefined)?.current,
    contexts: merged(({ contexts }) => contexts),
    clusters: merged(({ clusters }) => clusters),
    users: merged(({ users }) => users),
  };
}

/** The entry of that name; throws an Error that says what there is, or what is wrong with it. */
export function entryOf<T>(entries: Entries<T>, name: string, what: string): T {
  const entry = entries.get(name);
  if (entry !== undefined) return entry();
  const meant = nearest(name, entries.keys());
  const known = [...entries.keys()];
  const there = known.length === 0 ? "there is none at all" : `there are ${known.slice(0, 20).join(", ")}`;
  throw new Error(`there is no ${what} ${name}${meant === undefined ? `; ${there}` : `; perhaps ${meant}`}`);
}

function byName<T>(root: KubeconfigNode, list: string, key: string, read: (node: KubeconfigNode) => T): Entries<T> {
  const entries = new Map<string, () => T>();
  for (const each of root.children(list)) {
    const name = each.requiredText("name");
    const node = each.child(key);
    if (node !== undefined && !entries.has(name)) entries.set(name, () => read(node));
  }
  return entries;
}

function readContext(node: KubeconfigNode): KubeContext {
  return { cluster: node.requiredText("cluster"), user: node.text("user") ?? "", namespace: node.text("namespace") };
}

function readCluster(node: KubeconfigNode, base: string): KubeCluster {
  const extension = node.children("extensions").find((each) => each.text("name") === EXEC_EXTENSION);
  return {
    server: node.requiredText("server"),
    ca: readPem(node, "certificate-authority", base),
    serverName: node.text("tls-server-name"),
    disableValidation: node.flag("insecure-skip-tls-verify"),
    proxyUrl: node.text("proxy-url"),
    execConfig: extension?.value["extension"],
  };
}

function readUser(node: KubeconfigNode, base: string): KubeUser {
  for (const [key, why] of Object.entries(REFUSED_OF_USERS)) if (node.value[key] !== undefined) throw new Error(why);
  const token = node.text("token");
  const tokenFile = node.text("tokenFile");
  const username = node.text("username");
  const exec = node.child("exec");
  return {
    token: token === undefined ? undefined : new Secret(token),
    tokenFile: tokenFile === undefined ? undefined : resolve(base, tokenFile),
    certificate: readCertificate(node, base),
    login: username === undefined ? undefined : { username, password: new Secret(node.text("password") ?? "") },
    exec: exec === undefined ? undefined : readExec(exec, base),
  };
}

function readCertificate(node: KubeconfigNode, base: string): KubeUser["certificate"] {
  const cert = readPem(node, "client-certificate", base);
  const key = readPem(node, "client-key", base);
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) throw new Error("`client-key` is there without `client-certificate`");
  if (key === undefined) throw new Error("`client-certificate` is there without `client-key`");
  return { cert, key: "file" in key ? key : new Secret(key.text) };
}

/** Data goes before a file. */
function readPem(node: KubeconfigNode, key: string, base: string): Pem | undefined {
  const data = node.text(`${key}-data`);
  if (data !== undefined) return { text: Buffer.from(data, "base64").toString("utf8") };
  const file = node.text(key);
  return file === undefined ? undefined : { file: resolve(base, file) };
}

function readExec(node: KubeconfigNode, base: string): KubeExec {
  const command = node.requiredText("command");
  if (node.text("interactiveMode") === "Always") throw new Error(`${command} wants a terminal, and there is none`);
  const pairs = node.children("env").map((each) => [each.requiredText("name"), new Secret(each.text("value") ?? "")]);
  return {
    apiVersion: node.requiredText("apiVersion"),
    command: command.includes("/") ? resolve(base, command) : command,
    args: node.texts("args"),
    env: Object.fromEntries(pairs) as Readonly<Record<string, Secret>>,
    installHint: node.text("installHint"),
    providesClusterInfo: node.flag("provideClusterInfo"),
  };
}
