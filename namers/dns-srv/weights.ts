/** What the weights of SRV records mean for endpoints. */

/**
 * The weight of each record's share (RFC 2782): all alike where all are alike, and where only some are 0, these together
 * get what the RFC's own way of choosing gives them, one part more than the sum of the others.
 */
export function sharesOf(weights: readonly number[]): readonly number[] {
  if (weights.every((weight) => weight === weights[0])) return weights.map(() => 1);
  const zeros = weights.filter((weight) => weight === 0).length;
  return weights.map((weight) => (weight === 0 ? 1 / zeros : weight));
}
