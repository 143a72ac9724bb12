import { crc32 } from "node:zlib";
import { GanymedeError } from "@ganymede/core";
import type { ElementArray, PendingEntry, StoredTensor } from "@ganymede/core/checkpoint";

/** Name of the array with the checksums: last in the file, because the others must be written first. */
const name = "checksums";

const checksumOf = (data: ElementArray): number =>
  crc32(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength));

/**
 * Adds an entry with checksums to those of a checkpoint: the CRC-32 (ISO 3309, also used by zip and PNG) of its text and of each entry
 * in order of name, four bytes each, little-endian.
 *
 * @param text everything else in the file.
 */
export function withChecksums(entries: readonly PendingEntry[], text: string): readonly PendingEntry[] {
  const sums = new Map<string, number>();
  const summed = entries.map((entry) => ({
    ...entry,
    async read() {
      const data = await entry.read();
      sums.set(entry.name, checksumOf(data));
      return data;
    },
  }));
  const checksums: PendingEntry = {
    name,
    shape: [4 * (entries.length + 1)],
    dtype: "U8",
    async read() {
      const view = new DataView(new ArrayBuffer(4 * (entries.length + 1)));
      view.setUint32(0, crc32(text), true);
      const names = entries.map((entry) => entry.name).sort();
      for (const [i, each] of names.entries()) view.setUint32(4 * (i + 1), sums.get(each) as number, true);
      return new Uint8Array(view.buffer);
    },
  };
  return [...summed, checksums];
}

/**
 * The tensors of a checkpoint; each is verified when it is read.
 *
 * @throws GanymedeError `invalid-checkpoint` for a file without checksums or with damaged text; reading a damaged tensor throws it too.
 */
export async function withoutChecksums(
  tensors: ReadonlyMap<string, StoredTensor>,
  text: string,
  path: string,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const refuse = (what: string): never => {
    throw new GanymedeError(
      "invalid-checkpoint",
      `${path}: ${what} must match its checksum, but it does not; the file is damaged, use another checkpoint`,
    );
  };
  const others = [...tensors].filter(([each]) => each !== name);
  const stored = (await tensors.get(name)?.read()) ?? new Uint8Array(0);
  if (stored.length !== 4 * (others.length + 1)) refuse("the list of checksums");
  const view = new DataView((stored as Uint8Array).slice().buffer);
  if (view.getUint32(0, true) !== crc32(text)) refuse("the configuration");
  const order = new Map(
    others
      .map(([each]) => each)
      .sort()
      .map((each, i) => [each, i + 1]),
  );
  return new Map(
    others.map(([each, tensor]) => [
      each,
      {
        ...tensor,
        async read() {
          const data = await tensor.read();
          if (checksumOf(data) !== view.getUint32(4 * (order.get(each) as number), true)) refuse(`"${each}"`);
          return data;
        },
      },
    ]),
  );
}
