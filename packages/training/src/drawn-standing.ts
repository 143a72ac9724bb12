import type { AdversarialModel, Context, GeneratorStyles, ParamTree } from "@ganymede/core";
import { inference } from "@ganymede/core";

/** An inference context that normalises by running statistics. */
function standing(context: Context): Context {
  return context.mode === "training" ? context : { ...inference, ...context, standing: true };
}

type Apply<G, Input, Output> = (params: G, input: Input, context: Context) => Output;

function standingly<G, Input, Output>(apply: Apply<G, Input, Output>): Apply<G, Input, Output> {
  return (params, input, context) => apply(params, input, standing(context));
}

function standingStyles<G extends ParamTree>({
  mapping,
  synthesis,
  layers,
  ...rest
}: GeneratorStyles<G>): GeneratorStyles<G> {
  return {
    ...rest,
    mapping: standingly(mapping),
    synthesis: standingly(synthesis),
    ...(layers !== undefined && {
      layers: { mapping: standingly(layers.mapping), synthesis: standingly(layers.synthesis) },
    }),
  };
}

/**
 * The model with its images drawn by running statistics, also where its norms would use batch statistics. Used to sample with
 * `standingStatistics`.
 */
export function drawnStanding<G extends ParamTree, D extends ParamTree>(
  model: AdversarialModel<G, D>,
): AdversarialModel<G, D> {
  const { generator, styles } = model;
  return {
    ...model,
    generator: { ...generator, apply: standingly(generator.apply) },
    ...(styles !== undefined && { styles: standingStyles(styles) }),
  };
}
