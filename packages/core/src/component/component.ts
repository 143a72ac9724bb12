import { suggestion } from "../config/near-names.js";
import { resolveConfig } from "../config/resolve-config.js";
import type { Setting } from "../config/settings.js";
import { checkSettings } from "../config/settings.js";
import { GanymedeError } from "../errors/ganymede-error.js";

/**
 * A part that a configuration can name: an attention, a loss, an objective term, an optimizer, a metric. It has settings with defaults, and
 * creates the part from them and from inputs of its context.
 */
export interface Component<Settings extends object, Inputs, Made> {
  readonly id: string;
  /** URL of the paper or code. */
  readonly source: string;
  /** All settings with their defaults; settings of other names or types are rejected. */
  readonly defaults: Settings;
  /** Ranges of the settings, checked after their types. */
  readonly settings?: Setting<unknown>;
  /** @param inputs what the context provides: channels and heads, a model, a device. */
  create(settings: Settings, inputs: Inputs): Made;
}

/** A component with chosen settings. */
export interface Part<Inputs, Made> {
  readonly id: string;
  readonly source: string;
  /** All settings. */
  readonly settings: Readonly<Record<string, unknown>>;
  create(inputs: Inputs): Made;
}

/** A reference to a component: `"performer"`, or with settings `{ "id": "performer", "features": 128 }`. */
export type Ref = string | { readonly id: string; readonly [setting: string]: unknown };

/** A component with its settings type erased. */
export interface AnyComponent {
  readonly id: string;
  readonly source: string;
  readonly defaults: object;
  readonly settings?: Setting<unknown>;
  create(settings: never, inputs: never): unknown;
}

/** The part that a component of this type makes, with the component's extra members (such as the role of an attention). */
export type PartOf<C extends AnyComponent> = C extends { create(settings: never, inputs: infer Inputs): infer Made }
  ? Part<Inputs, Made> & Omit<C, keyof AnyComponent>
  : never;

/** A component that is also a function which returns a part: `performer({ features: 128 })`. */
export type DefinedComponent<C extends AnyComponent> = C & ((settings?: Partial<C["defaults"]>) => PartOf<C>);

/**
 * Applies settings to a component.
 *
 * @param where start of the error sentences: the setting or option that names the component.
 * @throws GanymedeError `invalid-config` for an unknown setting, with similar names, or a value out of range.
 */
export function withSettings<C extends AnyComponent>(
  component: C,
  given: Readonly<Record<string, unknown>>,
  where: string,
): PartOf<C> {
  const { defaults, settings: schema, ...members } = component;
  const who = `${where}: ${component.id}`;
  const known = Object.keys(defaults);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(defaults, name)) continue;
    const what = known.length === 0 ? "it has no settings" : suggestion(name, known);
    throw new GanymedeError("invalid-config", `${who} has no setting "${name}"; ${what}`);
  }
  // Only a schema knows which numbers may be schedules and which strings name components.
  const [schedules, names] = [schema !== undefined, schema !== undefined];
  const settings = resolveConfig(defaults, given, who, { schedules, names });
  if (schema !== undefined) checkSettings(schema, settings, who);
  const create = (inputs: never) => component.create(settings as never, inputs);
  return { ...members, settings, create } as unknown as PartOf<C>;
}

/** Keeps the type of a component and makes it callable. */
export function defineComponent<Settings extends object, Inputs, Made, Extra extends object>(
  component: Component<Settings, Inputs, Made> & Extra,
): DefinedComponent<Component<Settings, Inputs, Made> & Extra> {
  const made = (settings: Partial<Settings> = {}) =>
    withSettings<AnyComponent>(component, { ...settings }, component.id);
  return Object.assign(made, component) as unknown as DefinedComponent<Component<Settings, Inputs, Made> & Extra>;
}

/** The id of a reference. */
export const refId = (ref: Ref): string => (typeof ref === "string" ? ref : ref.id);

/**
 * The component that a reference names, with the settings of the reference.
 *
 * @param what kind of component, for errors: `attention`.
 * @param where start of the error sentences: the setting that holds the reference.
 * @throws GanymedeError `unknown-name` with similar names, `invalid-config` for its settings.
 */
export function resolveRef<C extends AnyComponent>(
  components: readonly C[],
  ref: Ref,
  what: string,
  where: string,
): PartOf<C> {
  const { id, ...settings } = typeof ref === "string" ? { id: ref } : ref;
  const component = components.find((candidate) => candidate.id === id);
  if (component === undefined) {
    const known = [...new Set(components.map((candidate) => candidate.id))];
    throw new GanymedeError("unknown-name", `${where}: there is no ${what} "${id}"; ${suggestion(id, known)}`);
  }
  return withSettings(component, settings, where);
}
