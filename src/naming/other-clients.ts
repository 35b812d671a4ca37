/** Who else uses a registry, as far as it says so itself. */

export interface OtherClient {
  /** As the registry sees it, such as `10.0.4.7:51234`. */
  readonly address: string;
  /** How many places below the namer's own it watches, and one of them. */
  readonly watches: number;
  readonly example: string;
}

export interface OtherClients {
  readonly clients: readonly OtherClient[];
  /** Why not all of them are known, a sentence each. */
  readonly unknown: readonly string[];
}
