import type { AnyComponent, PartOf } from "../component/component.js";
import { withSettings } from "../component/component.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { demand, fail } from "./fail.js";

/** Settings of a component in a check, instead of its defaults. */
export type Settings = Readonly<Record<string, unknown>>;

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs a part's function; rethrows a foreign error as a violation by that part. */
export async function calmly<Result>(run: () => Result, who: string, what: string): Promise<Awaited<Result>> {
  try {
    return await run();
  } catch (error) {
    if (GanymedeError.is(error)) throw error;
    return fail(who, `${what} must not throw, but throws: ${sentence(error)}`);
  }
}

/**
 * Makes a part of a component; checks that it has an id and a source, accepts its own defaults and rejects unknown settings.
 *
 * @throws GanymedeError `nonconforming` if its defaults are out of range.
 */
export function conformingPart<C extends AnyComponent>(component: C, settings: Settings, who: string): PartOf<C> {
  demand(component.id !== "", who, "it must have an id");
  demand(typeof component.source === "string", who, "source must be a string: the URL of its paper or code, or empty");
  try {
    withSettings(component, {}, who);
  } catch (error) {
    fail(who, `its defaults must be valid settings, but ${sentence(error)}`);
  }
  return withSettings(component, settings, who);
}
