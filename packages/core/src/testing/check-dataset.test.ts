import { describe, expect, test } from "vitest";
import type { Dataset, DatasetSource } from "../contracts/dataset.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { checkDataset } from "./check-dataset.js";

describe("checkDataset", () => {
  const data = (
    changes: Partial<Dataset> = {},
    [size = 4, channels = 3]: readonly (number | undefined)[] = [],
  ): Dataset => ({
    id: `ramp-${size}-${channels}`,
    length: 5,
    imageShape: [size, size, channels],
    async read(indices) {
      const bytes = size * size * channels;
      return Uint8Array.from(
        { length: indices.length * bytes },
        (_, i) => (indices[Math.floor(i / bytes)] as number) * 9 + (i % bytes),
      );
    },
    ...changes,
  });
  const source = (changes: Partial<Dataset> = {}, of: Partial<DatasetSource> = {}): DatasetSource => ({
    id: "ramp",
    source: "none",
    detect: async (place) => place === "ramp",
    async open(place, { size, channels }) {
      if (place !== "ramp") throw new GanymedeError("missing-file", "ramp: there is nothing; name ramp");
      return data(changes, [size, channels]);
    },
    ...of,
  });
  const { read } = data();
  const cached = read([0]);

  test("a right source conforms, with labels too", async () => {
    await checkDataset(source(), { place: "ramp" });
    const labels = Uint8Array.of(0, 1, 2, 0, 1);
    await checkDataset(source({ labels, classNames: ["a", "b", "c"] }), { place: "ramp" });
  });

  test.each<[string, Partial<Dataset>, Partial<DatasetSource>, RegExp]>([
    ["does not know its place", {}, { detect: async () => false }, /detect must recognise its own path ramp/],
    ["claims every place", {}, { detect: async () => true }, /detect must not claim/],
    ["opens every place", {}, { open: async () => data() }, /open must reject a foreign/],
    [
      "dies of another place",
      {},
      { open: async (place, o) => (place === "ramp" ? source().open(place, o) : Promise.reject(new TypeError("x"))) },
      /open must reject a foreign/,
    ],
    ["has one image", { length: 1 }, {}, /at least 2 images, got 1/],
    ["has no shape", { imageShape: [4, 0, 3] }, {}, /imageShape must be \[H, W, C\]/],
    ["ignores the size", { imageShape: [4, 4, 3] }, {}, /images must be 8 x 8/],
    ["has too few labels", { labels: new Uint8Array(4) }, {}, /a label for each of 5 images, got 4/],
    ["lacks a name", { labels: new Uint8Array(5).fill(3), classNames: ["a"] }, {}, /classNames must name every class/],
    ["gives floats", { read: async () => new Float32Array(144) as never }, {}, /read must return uint8/],
    ["gives one image for all", { read: async () => new Uint8Array(48) }, {}, /must return 144 bytes, got 48/],
    ["sorts", { read: async (at) => read([...Array.from(at)].sort()) }, {}, /in the order of the indices/],
    [
      "hands out its own memory",
      { read: (at) => (at.length === 1 && at[0] === 0 ? cached : read(at)) },
      {},
      /new memory, because/,
    ],
    [
      "wants an array",
      { read: async (at) => read((at as number[]).concat()) },
      {},
      /concat is not a function|typed arrays/,
    ],
    ["has a new fingerprint each time", { fingerprint: async () => String(Math.random()) }, {}, /one fingerprint/],
  ])("one that %s does not", async (_, changes, of, message) => {
    await expect(checkDataset(source(changes, of), { place: "ramp" })).rejects.toThrow(message);
  });
});
