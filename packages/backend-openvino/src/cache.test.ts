import { mkdtemp, readdir, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostBuffer } from "@ganymede/backend-onnx/engine";
import { binary, GraphBuilder } from "@ganymede/backend-onnx/engine";
import { describe, expect, it } from "vitest";
import { absent, startEngines } from "./fixtures/both-engines.js";

/** `x` times constants, in an engine of its own that keeps what it compiles. */
async function product(factors: readonly number[], cache: string): Promise<number[]> {
  const engine = await startEngines(cache);
  const size = factors.length;
  const b = new GraphBuilder();
  const x = b.feed("float32", [size]);
  const y = binary(b, "Mul", x, b.constant("float32", [size], Float32Array.from(factors)));
  const session = await engine.compiled!.load({ inputs: [x], outputs: [y] });
  const input = engine.store.write("float32", [size], new Float32Array(size).fill(1));
  const output = engine.store.pool.allocate("float32", [size]) as HostBuffer;
  await session.run([input], [output]);
  const values = Array.from(output.data as Float32Array);
  session.release();
  engine.release();
  return values;
}

describe.skipIf(absent !== null)("the cache of compiled functions", () => {
  it("tells functions apart by their constants too", async () => {
    const cache = await mkdtemp(join(tmpdir(), "openvino-"));
    // Large enough for the builder to keep apart, and for a digest to be tempted to leave out.
    const factors = (element: number) => Array.from({ length: 100_000 }, (_, i) => (i === 77_777 ? element : 1));
    const at = async (element: number) => (await product(factors(element), cache))[77_777];
    expect([await at(2), await at(3), await at(2)]).toEqual([2, 3, 2]);
    expect((await readdir(cache)).length).toBe(2);
  });

  it("says where it should be if its folder cannot be made", async () => {
    const folder = await mkdtemp(join(tmpdir(), "openvino-"));
    await writeFile(join(folder, "file"), "");
    await expect(startEngines(join(folder, "file", "cache"))).rejects.toThrow(
      /^openvino backend: the folder of compiled functions must be writable, but .* name another in \$GANYMEDE_CACHE$/,
    );
  });

  it.each(["cut short", "of other bytes"])("compiles again where a file is %s", async (damage) => {
    const cache = await mkdtemp(join(tmpdir(), "openvino-"));
    expect(await product([2, 3], cache)).toEqual([2, 3]);
    const files = (await readdir(cache)).map((name) => join(cache, name));
    expect(files.length).toBe(1);
    if (damage === "cut short") await truncate(files[0]!, 100);
    else await writeFile(files[0]!, "of another program");
    expect(await product([2, 3], cache)).toEqual([2, 3]);
  });
});
