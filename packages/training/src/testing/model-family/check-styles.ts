import { demand, expectAllClose } from "@ganymede/core/testing";
import type * as tf from "@tensorflow/tfjs-core";
import type { ModelCase } from "./case.js";
import { batch } from "./case.js";

const close = { relative: 1e-4, absolute: 1e-5 };

function expectRank(tensor: tf.Tensor, rank: number, who: string, what: string): void {
  demand(
    tensor.rank === rank && tensor.shape[0] === batch,
    who,
    `${what} must have rank ${rank} and ${batch} rows, got [${tensor.shape}]`,
  );
}

/** Checks that components are a whole number of latents and fit into w. */
function checkComponents({ model, who }: ModelCase, width: number): void {
  const components = model.styles?.components;
  if (components === undefined) return;
  const { count, width: each } = components;
  demand(
    Number.isInteger(count) && Number.isInteger(each) && count > 0 && each > 0 && count * each <= width,
    who,
    `styles.components must fit into the ${width} numbers of w, got ${count} of ${each} numbers`,
  );
}

/** Checks that synthesis after mapping equals the generator, at once and layer by layer. */
export async function checkStyles(given: ModelCase): Promise<void> {
  const { model, who, generator, z, images, context } = given;
  const { styles } = model;
  if (styles === undefined) return;
  const w = styles.mapping(generator, z, context);
  expectRank(w, 2, who, "styles.mapping");
  checkComponents(given, w.shape[1]);
  await expectAllClose(
    styles.synthesis(generator, w, context),
    images,
    close,
    `${who}: styles.synthesis after styles.mapping`,
  );
  if (styles.layers === undefined) return;
  const each = styles.layers.mapping(generator, z, context);
  expectRank(each, 3, who, "styles.layers.mapping");
  const drawn = styles.layers.synthesis(generator, each, context);
  await expectAllClose(drawn, images, close, `${who}: styles.layers.synthesis after styles.layers.mapping`);
}
