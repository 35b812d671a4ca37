/** The file on the host, as it is at each step of the walk-through. */

export interface Parts {
  readonly zkAddrs?: string;
  /** Where pods can call this host. */
  readonly host: string;
  readonly kubernetes?: boolean;
  readonly routes: Readonly<Record<string, string>>;
  readonly mirrors?: readonly string[];
}

export const usersToLegacy = "{name: users-to-legacy, from: k8s/shop/users:http, to: zk/users}";
export const ordersToKubernetes = '{name: orders-to-k8s, from: zk/orders, to: "k8s/shop/orders:80", address: gateway}';

/** As written by hand. Ports are any that are free, so that nothing is in the way of a demo. */
export function configuration({ zkAddrs, host, kubernetes = true, routes, mirrors = [] }: Parts): string {
  return [
    "sources:",
    ...(zkAddrs === undefined ? [] : [`  zk:  {zookeeper: "${zkAddrs}", path: /services}`]),
    ...(kubernetes ? ["  k8s: {kubernetes: ./kubeconfig}"] : []),
    `listen: {http: 0, host: ${host}}`,
    "admin: {port: 0}",
    "snapshot: {path: ./state/snapshot}",
    "routes:",
    ...Object.entries(routes).map(([name, target]) => `  ${name}: ${target}`),
    ...(mirrors.length === 0 ? [] : ["mirrors:", ...mirrors.map((mirror) => `- ${mirror}`)]),
    "",
  ].join("\n");
}
