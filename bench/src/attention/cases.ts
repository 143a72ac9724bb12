import { attention } from "@ganymede/attention";
import { createRegistry } from "@ganymede/core";

/** Something that is measured at every size. */
export interface Case {
  readonly engine: "onnx" | "pytorch";
  /** The variant's or mixer's id, or the name of a form in bench/pytorch/attention.py. */
  readonly variant: string;
  readonly role: "self" | "map" | "cross" | "set" | "mixer";
}

/** What PyTorch has, or a few lines of it give, by the variant that computes the same. */
const inPytorch: Readonly<Record<string, readonly string[]>> = {
  "dot-product": ["plain", "multihead"],
  efficient: ["fused"],
  sagan: ["sagan"],
  window: ["window"],
};

/** Every variant and token mixer, or those named, each with its forms in PyTorch behind it. An unknown name throws. */
export function casesOf(names: readonly string[] | undefined, pytorch: boolean): Case[] {
  const registry = createRegistry([attention()]);
  const mixers = registry.list("mixers").map(({ id }) => ({ id, role: "mixer" as const }));
  const variants = names?.map((name) => mixers.find(({ id }) => id === name) ?? registry.get("attentions", name)) ?? [
    ...registry.list("attentions"),
    ...mixers,
  ];
  return variants.flatMap(({ id, role }): Case[] => [
    { engine: "onnx", variant: id, role },
    ...(pytorch ? (inPytorch[id] ?? []) : []).map((variant): Case => ({ engine: "pytorch", variant, role })),
  ]);
}

/** How the table and the picture call it. */
export const nameOf = ({ engine, variant }: Case): string => (engine === "onnx" ? variant : `PyTorch ${variant}`);
