import { attention } from "@ganymede/attention";
import type { AttentionPart, MixerPart, ParamTree } from "@ganymede/core";
import { createRegistry, fold, inference, key, normal, valueAndGrad, withSettings } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { measure } from "./measure.js";
import type { VariantSettings } from "./settings.js";

type Inputs = { readonly x: tf.Tensor; readonly memory?: tf.Tensor };

/** The layer as a function of its parameters and inputs, whatever the variant's role, and random values of both. */
function layerOf(
  variant: AttentionPart | (MixerPart & { readonly role: "mixer" }),
  { tokens, channels, heads, memoryTokens }: VariantSettings,
) {
  const side = Math.sqrt(tokens);
  const options = { channels, heads, grid: [side, side], memoryChannels: channels } as const;
  const draw = (label: string, shape: number[]): tf.Tensor => normal(fold(key(1), label), shape as [number, number]);
  const x = draw("x", variant.role === "map" ? [1, side, side, channels] : [1, tokens, channels]);
  if (variant.role === "cross") {
    const layer = variant.create(options);
    const inputs: Inputs = { x, memory: draw("memory", [1, memoryTokens, channels]) };
    const apply = (params: ParamTree, { x, memory }: Inputs): tf.Tensor =>
      layer.apply(params, { x: x as tf.Tensor3D, memory: memory as tf.Tensor3D }, inference);
    return { params: layer.init(key(0)), inputs, apply };
  }
  if (variant.role === "map") {
    const layer = variant.create(options);
    const apply = (params: ParamTree, { x }: Inputs): tf.Tensor => layer.apply(params, x as tf.Tensor4D, inference);
    return { params: layer.init(key(0)), inputs: { x } as Inputs, apply };
  }
  const layer = variant.create(options);
  const apply = (params: ParamTree, { x }: Inputs): tf.Tensor => layer.apply(params, x as tf.Tensor3D, inference);
  return { params: layer.init(key(0)), inputs: { x } as Inputs, apply };
}

const settings = JSON.parse(process.argv[2] as string) as VariantSettings;

// One variant at one size in a process of its own: the gradients of |y|^2 in every parameter and input.
await measure(settings, () => {
  const registry = createRegistry([attention()]);
  const mixer = registry.list("mixers").find(({ id }) => id === settings.variant);
  const { params, inputs, apply } = layerOf(
    mixer === undefined
      ? withSettings(registry.get("attentions", settings.variant), {}, "bench")
      : { ...withSettings(mixer, {}, "bench"), role: "mixer" },
    settings,
  );
  const tree = { params, inputs: inputs as ParamTree };
  const fn = (all: typeof tree): ParamTree =>
    valueAndGrad(({ params, inputs }: typeof tree) => {
      const y = apply(params, inputs as Inputs);
      return { value: tf.sum(tf.square(y)) as tf.Scalar, extra: [] };
    }, all).grads as ParamTree;
  return { fn, tree };
});
