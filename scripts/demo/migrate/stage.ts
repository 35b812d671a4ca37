/** The stage of the walk-through: two registries as those see them who know nothing of Linkspan, and what runs in them. */

/** What registered itself, and answers. */
export interface Running {
  /** As it calls itself in its answers. */
  readonly name: string;
  /** Turns every answer into 503, or back. */
  fail(fails: boolean): void;
  /** Unregisters it, lets what it does end, and ends it. */
  stop(): Promise<void>;
}

/** Both registries, as those see them who know nothing of Linkspan. */
export interface Registries {
  /** For people: what these registries are. */
  readonly about: string;
  readonly zkAddrs: string;
  /** Of this host, where pods can call it. */
  readonly hostAddress: string;
  /** The text of a kubeconfig. */
  readonly kubeconfig: string;
  /** An instance of the old world, by Curator. */
  runLegacy(service: string, id: string): Promise<Running>;
  /** A pod, ready; its Service is there. */
  runPod(service: string, name: string): Promise<Running>;
  /** The Service selects the pods of another one from now on, as when its owner applies it with a selector. */
  select(service: string, podsOf: string): Promise<void>;
  /** Where a client of Curator finds a service, as `HOST:PORT`. */
  bySelf(service: string): Promise<readonly string[]>;
  /** Where a pod's call to the Service goes. */
  byService(service: string): Promise<readonly string[]>;
  /** For good. */
  endZooKeeper(): Promise<void>;
}

export const NAMESPACE = "shop";
