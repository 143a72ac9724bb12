import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { KernelSupport } from "./kernel-support.js";
import { kernelSupport } from "./kernel-support.js";

const title: Record<KernelSupport["runs"], string> = {
  graph: "graph",
  host: "host",
  core: "tfjs-core",
  missing: "missing",
};

function document(): string {
  const support = kernelSupport();
  const count = (runs: KernelSupport["runs"]): number => support.filter((entry) => entry.runs === runs).length;
  const rows = support.map(({ kernel, runs, complex, reason }) => [kernel, title[runs], complex ? "yes" : "", reason]);
  return `# Kernels of the compiled backend

How \`@ganymede/backend-onnx\` runs each kernel of tfjs-core 4.22. A test writes this table; \`vitest -u\` renews it.

- **graph** (${count("graph")}): nodes of the compiled graph, in single operations and inside \`compile\`.
- **host** (${count("host")}): computed from values by tfjs's reference kernels, for the reason given. Inside \`compile\` such a
  kernel is an error that names it. Operations on tensors of strings run the same way. In browsers the values must be at hand
  ([why](backends.md#onnx-runtime-in-browsers)).
- **tfjs-core** (${count("core")}): tfjs-core does it without a kernel of the backend.

Tensors are float32, int32 and bool. Complex64 tensors are pairs of float32 tensors, for the kernels marked. What the
backend computes is held to tfjs-core's own specs: \`npm run conformance\`.

${table(["kernel", "runs as", "complex64", "why"], rows)}
`;
}

/** A Markdown table with its columns aligned, as the formatter wants it. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [line(header), rule, ...rows.map(line)].join("\n");
}

describe("kernels", () => {
  it("are all there", () => {
    expect(kernelSupport().filter(({ runs }) => runs === "missing")).toEqual([]);
  });

  it("are listed in the documentation as they are", async () => {
    await expect(document()).toMatchFileSnapshot(fileURLToPath(new URL("../../../docs/kernels.md", import.meta.url)));
  });
});
