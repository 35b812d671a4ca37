/** What a registry records of one thing that can be called. */

/** Where an instance was first registered. */
export interface Origin {
  readonly registry: string;
  readonly cluster: string;
}

export interface Instance {
  readonly id: string;
  readonly host: string;
  readonly port?: number;
  readonly tlsPort?: number;
  readonly weight: number;
  readonly ready: boolean;
  readonly origin?: Origin;
  readonly zone?: string;
  readonly payload?: unknown;
  readonly meta?: Readonly<Record<string, string>>;
}
