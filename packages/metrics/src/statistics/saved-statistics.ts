import { GanymedeError } from "@ganymede/core";
import { decodeSafetensors, encodeSafetensors } from "@ganymede/core/checkpoint";
import { type FeatureStatistics, startFeatureStatistics } from "./feature-statistics.js";

/** Serialises sums (safetensors, float64), with the id of their protocol. */
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
 * Deserialises sums.
 *
 * @throws GanymedeError `invalid-checkpoint` if the bytes are damaged or of another protocol.
 */
export function loadFeatureStatistics(bytes: Uint8Array, id: string, dims: number): FeatureStatistics {
  const { metadata, tensors } = decodeSafetensors(bytes, `statistics of ${id}`);
  const [sum, products] = [tensors.get("sum")?.data, tensors.get("products")?.data];
  const count = Number(metadata.count);
  if (metadata.id !== id || sum?.length !== dims || products?.length !== dims * dims || !Number.isSafeInteger(count)) {
    throw new GanymedeError(
      "invalid-checkpoint",
      `statistics of ${id}: the protocol must be the same, got ${metadata.id}; compute them again`,
    );
  }
  const state = startFeatureStatistics(dims);
  state.count = count;
  state.sum.set(sum);
  state.products.set(products);
  return state;
}
