import { GanymedeError, type MetricState } from "@ganymede/core";
import { decodeSafetensors, encodeSafetensors } from "@ganymede/core/checkpoint";

/** Features of all images in order, for metrics that need more than sums. */
export interface FeatureList extends MetricState {
  count: number;
  readonly width: number;
  /** Capacity of at least `count` rows; grows by doubling. */
  rows: Float32Array;
}

/** An empty list. */
export function startFeatureList(width: number): FeatureList {
  return { count: 0, width, rows: new Float32Array(64 * width) };
}

/** Appends whole rows. */
export function appendFeatures(list: FeatureList, features: Float32Array): void {
  const used = list.count * list.width;
  if (used + features.length > list.rows.length) {
    const grown = new Float32Array(Math.max(2 * list.rows.length, used + features.length));
    grown.set(list.rows.subarray(0, used));
    list.rows = grown;
  }
  list.rows.set(features, used);
  list.count += features.length / list.width;
}

/** The rows so far, without a copy. */
export function featureRows({ rows, count, width }: FeatureList): Float32Array {
  return rows.subarray(0, count * width);
}

/** Serialises the rows (safetensors), with the id of their protocol. */
export function saveFeatureList(list: FeatureList, id: string): Uint8Array {
  const { count, width } = list;
  return encodeSafetensors([{ name: "rows", shape: [count, width], dtype: "F32", data: featureRows(list) }], { id });
}

/**
 * Deserialises rows.
 *
 * @throws GanymedeError `invalid-checkpoint` if the bytes are damaged or of another protocol.
 */
export function loadFeatureList(bytes: Uint8Array, id: string, width: number): FeatureList {
  const { metadata, tensors } = decodeSafetensors(bytes, `statistics of ${id}`);
  const rows = tensors.get("rows");
  if (metadata.id !== id || rows?.shape[1] !== width || !(rows.data instanceof Float32Array)) {
    throw new GanymedeError(
      "invalid-checkpoint",
      `statistics of ${id}: the protocol must be the same, got ${metadata.id}; compute them again`,
    );
  }
  const list = startFeatureList(width);
  appendFeatures(list, rows.data);
  return list;
}
