/** Where a Service leads, read from its EndpointSlices as kube-proxy reads them. */
export interface SliceList {
  readonly items: readonly {
    readonly ports?: readonly { readonly port?: number }[];
    readonly endpoints?:
      readonly { readonly addresses: readonly string[]; readonly conditions?: { readonly ready?: boolean } }[] | null;
  }[];
}

export function addressesOf({ items }: SliceList): readonly string[] {
  return items.flatMap(({ ports, endpoints }) => {
    const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
    return ready.map(({ addresses }) => `${addresses[0]}:${ports?.[0]?.port}`);
  });
}
