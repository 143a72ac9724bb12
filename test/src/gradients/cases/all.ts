import type { Case } from "../case.js";
import { elementwise } from "./elementwise.js";
import { pairs } from "./pairs.js";
import { products } from "./products.js";
import { reductions } from "./reductions.js";
import { shapes } from "./shapes.js";

/** Every op that models use, and what core builds from them. */
export const cases: readonly Case[] = [...elementwise, ...pairs, ...reductions, ...shapes, ...products];
