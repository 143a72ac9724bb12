import * as tf from "@tensorflow/tfjs-core";
import type { AdversarialLoss, LossComponent } from "../contracts/loss.js";
import { checkGradients } from "./check-gradients.js";
import type { Settings } from "./conforming.js";
import { calmly, conformingPart } from "./conforming.js";
import { expectAllClose } from "./expect-all-close.js";
import { expectNoLeaks } from "./expect-no-leaks.js";
import { demand, fail } from "./fail.js";
import { purely } from "./purely.js";

/** Settings and accuracy of a loss's check. */
export interface LossCheck {
  /** Default: the component's defaults. */
  readonly settings?: Settings;
  /** Highest order of derivatives that is compared with finite differences. Default: 2. */
  readonly order?: 1 | 2;
}

// No logit, sum or difference of two is near 0 or 1, where hinge losses have kinks.
const reals = [0.37, -0.45, 1.72, -2.23, 0.61, 2.4];
const fakes = [-1.61, 0.52, -0.31, 1.44, 2.85, -0.72];

const pairOf = (shape: number[]) => ({ real: tf.tensor(reals, shape), fake: tf.tensor(fakes, shape) });

const sum = async (x: tf.Tensor) => (await tf.sum(x).data())[0] as number;

/** Both losses, run as in a compiled step; checks that each is one finite number. */
function halves(loss: AdversarialLoss, who: string) {
  const scalar = (value: tf.Tensor, half: string): tf.Scalar => {
    if (value.rank !== 0) fail(who, `the ${half}'s loss must be a scalar, got shape [${value.shape}]; take the mean`);
    return value as tf.Scalar;
  };
  return {
    discriminator: (real: tf.Tensor, fake: tf.Tensor) =>
      scalar(
        purely(() => loss.discriminator(real, fake), who),
        "discriminator",
      ),
    generator: (real: tf.Tensor, fake: tf.Tensor, weights?: tf.Tensor) =>
      scalar(
        purely(() => loss.generator(fake, loss.generatorSeesReal === true ? real : undefined, weights), who),
        "generator",
      ),
  };
}

/** Sum of the gradient of a scalar function; 0 if it does not depend on its input. */
async function slope(fn: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): Promise<number> {
  const [gradient] = tf.engine().gradients(() => fn(x), [x], undefined as never, true).grads;
  return gradient == null ? 0 : sum(gradient);
}

/** Checks signs: the discriminator's loss falls with real logits and rises with fake ones; the generator's falls with fake ones. */
async function checkDirections({ discriminator, generator }: ReturnType<typeof halves>, who: string): Promise<void> {
  const [wrong, right] = [tf.fill([4], -0.5), tf.fill([4], 0.5)];
  const ofReal = await slope((x) => discriminator(x, right), wrong);
  demand(ofReal < 0, who, `the discriminator's loss must fall as real logits rise, got a slope of ${ofReal}`);
  const ofFake = await slope((x) => discriminator(wrong, x), right);
  demand(ofFake > 0, who, `the discriminator's loss must rise with fake logits, got a slope of ${ofFake}`);
  const ofG = await slope((x) => generator(right, x), wrong);
  demand(ofG < 0, who, `the generator's loss must fall as its logits rise, got a slope of ${ofG}`);
}

/** Checks that losses are means over logits of any shape, and that weights are used. */
async function checkMeans({ discriminator, generator }: ReturnType<typeof halves>, who: string): Promise<void> {
  const [one, several] = [pairOf([6]), pairOf([3, 2])];
  const rule = "it must be a mean over all logits";
  for (const half of [discriminator, generator]) {
    const value = half(one.real, one.fake);
    await expectAllClose(half(several.real, several.fake), value, {}, `${who}: ${rule}, [B, K] as [B K]`);
    const twice = half(tf.concat([one.real, one.real]), tf.concat([one.fake, one.fake]));
    await expectAllClose(twice, value, {}, `${who}: ${rule}, of a batch and of it twice`);
  }
  const value = generator(one.real, one.fake);
  const equal = generator(one.real, one.fake, tf.fill([6], 3));
  await expectAllClose(equal, value, {}, `${who}: the generator's loss with equal weights must equal that without`);
  const first = generator(one.real, one.fake, tf.tensor1d([1, 0, 0, 0, 0, 0]));
  demand(
    (await sum(tf.abs(tf.sub(first, value)))) > 1e-4,
    who,
    "the generator's loss must use the weights of its logits; average with weightedMean",
  );
}

/**
 * Checks an adversarial loss: both parts return a finite scalar, the mean over logits of any shape, also for extreme logits; the
 * discriminator's falls as real logits rise and fake ones fall, the generator's as fake ones rise; weights are used; derivatives agree with
 * finite differences; it reads no value, draws nothing and leaks no tensor.
 *
 * @throws GanymedeError `nonconforming` with the loss and the first rule that it violates.
 */
export async function checkLoss(component: LossComponent, { settings = {}, order = 2 }: LossCheck = {}): Promise<void> {
  const who = `loss "${component.id}"`;
  const loss = conformingPart(component, settings, who).create({}) as AdversarialLoss;
  const both = halves(loss, who);
  const logits = pairOf([6]);
  await calmly(() => tf.tidy(() => void both.discriminator(logits.real, logits.fake)), who, "the discriminator's loss");
  await calmly(() => tf.tidy(() => void both.generator(logits.real, logits.fake)), who, "the generator's loss");
  for (const size of [1, 1e4]) {
    for (const sign of [1, -1]) {
      const [up, down] = [tf.mul(logits.real, size * sign), tf.mul(logits.fake, size * sign)];
      const values = [await sum(both.discriminator(up, down)), await sum(both.generator(up, down))];
      demand(values.every(Number.isFinite), who, `it must be finite for logits of size ${size}, got ${values}`);
    }
  }
  await checkDirections(both, who);
  await checkMeans(both, who);
  await checkGradients(({ real, fake }) => both.discriminator(real, fake), logits, { order, who: `${who} of D` });
  await checkGradients(({ real, fake }) => both.generator(real, fake), logits, { order, who: `${who} of G` });
  const { real, fake } = logits;
  await expectNoLeaks(() => {
    tf.tidy(() => void [both.discriminator(real, fake), both.generator(real, fake)]);
  }, who);
}
