import { GanymedeError } from "@ganymede/core";
import type { Draw, Path } from "@ganymede/training";
import { classGrid, componentMixing, gridOfSamples, interpolation, psiSweep, styleMixing } from "@ganymede/training";

/** Options of sample that choose the kind of picture. */
export interface PictureOptions {
  /** One PNG per image instead of a grid. */
  readonly single: boolean;
  /** Strips of interpolations, with this many images each. */
  readonly interpolate: number | undefined;
  readonly space: "z" | "w" | undefined;
  readonly path: Path | undefined;
  /** The strips as an animation. */
  readonly animate: boolean;
  /** Duration of a frame in milliseconds. */
  readonly frameMs: number | undefined;
  /** Truncation psis, one column each. */
  readonly psiSweep: readonly number[] | undefined;
  /** One row per class. */
  readonly classes: boolean;
  /** Class of all images. */
  readonly class: number | undefined;
  readonly mixStyles: boolean;
  readonly mixFrom: number | undefined;
  readonly mixComponents: boolean;
  readonly psi: number | undefined;
}

/** A kind of picture: its drawing function, default count, and file name. */
export interface SampleMode {
  readonly draw: Draw;
  readonly count: number;
  readonly file: string;
}

/** Checks options that exclude each other and options that require another. */
function expectConsistent(options: PictureOptions, kinds: readonly string[]): void {
  const given = (name: string, present: unknown) => (present === undefined || present === false ? [] : [name]);
  const exclude = (names: readonly string[]) => {
    if (names.length < 2) return;
    throw new GanymedeError(
      "invalid-argument",
      `sample: ${names[0]} and ${names[1]} exclude each other, got both; remove one`,
    );
  };
  const need = (names: readonly string[], other: string, present: unknown) => {
    if (names.length === 0 || given(other, present).length > 0) return;
    throw new GanymedeError("invalid-argument", `sample: ${names[0]} needs ${other}, got none; add it`);
  };
  exclude(kinds);
  exclude([...given("--psi-sweep", options.psiSweep), ...given("--psi", options.psi)]);
  exclude([...given("--classes", options.classes), ...given("--class", options.class)]);
  const ofStrips = [
    ...given("--space", options.space),
    ...given("--path", options.path),
    ...given("--animate", options.animate),
  ];
  need(ofStrips, "--interpolate", options.interpolate);
  need(given("--frame-ms", options.frameMs), "--animate", options.animate);
  need(given("--mix-from", options.mixFrom), "--mix-styles", options.mixStyles);
}

/**
 * The kind of picture that the options choose.
 *
 * @throws GanymedeError `invalid-argument` for options that exclude each other, or that lack another.
 */
export function chooseMode(options: PictureOptions): SampleMode {
  const { interpolate, space = "z", path, mixFrom } = options;
  const asked: (readonly [name: string, mode: SampleMode])[] = [];
  if (options.single) asked.push(["--single", { draw: gridOfSamples, count: 64, file: "samples" }]);
  if (interpolate !== undefined) {
    const file = options.animate ? "interpolation.webp" : "interpolation.png";
    asked.push(["--interpolate", { draw: interpolation({ steps: interpolate, space, path }), count: 8, file }]);
  }
  if (options.psiSweep !== undefined) {
    asked.push(["--psi-sweep", { draw: psiSweep(options.psiSweep), count: 8, file: "psi-sweep.png" }]);
  }
  if (options.classes) asked.push(["--classes", { draw: classGrid, count: 8, file: "classes.png" }]);
  if (options.mixStyles) {
    asked.push(["--mix-styles", { draw: styleMixing(mixFrom), count: 6, file: "mixed-styles.png" }]);
  }
  if (options.mixComponents) {
    asked.push(["--mix-components", { draw: componentMixing, count: 4, file: "mixed-components.png" }]);
  }
  expectConsistent(
    options,
    asked.map(([name]) => name),
  );
  return asked[0]?.[1] ?? { draw: gridOfSamples, count: 64, file: "samples.png" };
}
