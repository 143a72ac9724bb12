import type { AnyComponent, PartOf } from "../component/component.js";
import { withSettings } from "../component/component.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { demand, fail } from "./fail.js";

/** Settings that a kit gives a component, in place of its defaults. */
export type Settings = Readonly<Record<string, unknown>>;

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs a part's function; an error that is none of ours ends the check with a sentence that names the part. */
export async function calmly<Result>(run: () => Result, who: string, what: string): Promise<Awaited<Result>> {
  try {
    return await run();
  } catch (error) {
    if (GanymedeError.is(error)) throw error;
    return fail(who, `${what} must not fail, but says: ${sentence(error)}`);
  }
}

/**
 * A component as a part: it has an id and a source, its defaults are settings that it takes itself, and others are refused.
 *
 * @throws GanymedeError `nonconforming` where its defaults are out of its own ranges.
 */
export function conformingPart<C extends AnyComponent>(component: C, settings: Settings, who: string): PartOf<C> {
  demand(component.id !== "", who, "it must have an id");
  demand(typeof component.source === "string", who, "it must have a source, the address of its paper or code, or none");
  try {
    withSettings(component, {}, who);
  } catch (error) {
    fail(who, `its defaults must be within its settings, but ${sentence(error)}`);
  }
  return withSettings(component, settings, who);
}
