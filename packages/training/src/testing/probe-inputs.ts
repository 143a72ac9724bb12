import type { AdversarialLoss, AdversarialModel, TermInputs } from "@ganymede/core";
import { nonSaturating } from "../objective/losses/non-saturating.js";
import { scheduleResolver } from "../optim/create-schedule.js";
import { right } from "./probe-model.js";

/** Inputs of an augmentation in a check. */
export function probeInputs(where: string, imageShape: AdversarialModel["imageShape"]): TermInputs {
  return {
    model: { ...(right as unknown as AdversarialModel), imageShape },
    loss: nonSaturating().create({}) as AdversarialLoss,
    schedule: scheduleResolver(),
    imagesPerUpdate: 8,
    where,
  };
}
