import { decodeSafetensors, encodeSafetensors, GanymedeError } from "@ganymede/core";
import { type FeatureStatistics, startFeatureStatistics } from "./feature-statistics.js";

/** Sums as bytes (safetensors, float64), marked with the id of their protocol. */
export function saveFeatureStatistics(state: FeatureStatistics, id: string): Uint8Array {
  const { dims, sum, products, count } = state;
  return encodeSafetensors(
    [
      { name: "sum", shape: [dims], dtype: "F64", data: sum },
      { name: "products", shape: [dims, dims], dtype: "F64", data: products },
    ],
    { id, count: String(count) },
  );
}

/**
 * Sums from bytes.
 *
 * @throws GanymedeError `invalid-checkpoint` when the bytes are damaged or of another protocol.
 */
export function loadFeatureStatistics(bytes: Uint8Array, id: string, dims: number): FeatureStatistics {
  const { metadata, tensors } = decodeSafetensors(bytes, `statistics of ${id}`);
  const [sum, products] = [tensors.get("sum")?.data, tensors.get("products")?.data];
  const count = Number(metadata.count);
  if (metadata.id !== id || sum?.length !== dims || products?.length !== dims * dims || !Number.isSafeInteger(count)) {
    throw new GanymedeError(
      "invalid-checkpoint",
      `statistics of ${id}: must be of the same protocol, got ${metadata.id}; compute them again`,
    );
  }
  const state = startFeatureStatistics(dims);
  state.count = count;
  state.sum.set(sum);
  state.products.set(products);
  return state;
}
