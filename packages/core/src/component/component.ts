import { suggestion } from "../config/near-names.js";
import { resolveConfig } from "../config/resolve-config.js";
import type { Setting } from "../config/settings.js";
import { checkSettings } from "../config/settings.js";
import { GanymedeError } from "../errors/ganymede-error.js";

/**
 * Something that a configuration names: an attention, a loss, an objective term, an optimizer, a metric. It has settings with defaults, and
 * makes the part from them and from what its place gives.
 */
export interface Component<Settings extends object, Inputs, Made> {
  readonly id: string;
  /** Address of the paper or code. */
  readonly source: string;
  /** All settings with their defaults; settings of other names and types are refused. */
  readonly defaults: Settings;
  /** Ranges of the settings, checked after their types. */
  readonly settings?: Setting<unknown>;
  /** @param inputs what the place gives: channels and heads, a model, a device. */
  create(settings: Settings, inputs: Inputs): Made;
}

/** A component whose settings are chosen. */
export interface Part<Inputs, Made> {
  readonly id: string;
  readonly source: string;
  /** All of them. */
  readonly settings: Readonly<Record<string, unknown>>;
  create(inputs: Inputs): Made;
}

/** How a configuration names a component: `"performer"`, or with settings `{ "id": "performer", "features": 128 }`. */
export type Ref = string | { readonly id: string; readonly [setting: string]: unknown };

/** A component whose settings only it knows. */
export interface AnyComponent {
  readonly id: string;
  readonly source: string;
  readonly defaults: object;
  readonly settings?: Setting<unknown>;
  create(settings: never, inputs: never): unknown;
}

/** What a component of this type is with its settings: a part, and the component's further members (an attention's role). */
export type PartOf<C extends AnyComponent> = C extends { create(settings: never, inputs: infer Inputs): infer Made }
  ? Part<Inputs, Made> & Omit<C, keyof AnyComponent>
  : never;

/** A component that is also called for a part: `performer({ features: 128 })`. */
export type DefinedComponent<C extends AnyComponent> = C & ((settings?: Partial<C["defaults"]>) => PartOf<C>);

/**
 * A component with its settings.
 *
 * @param where begins the sentences of errors: the setting or option that names the component.
 * @throws GanymedeError `invalid-config` for a setting that the component does not have, naming near ones, or a value out of its range.
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
  // Only a schema can say which numbers may be schedules and which texts name components.
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

/** The id that a reference names. */
export const refId = (ref: Ref): string => (typeof ref === "string" ? ref : ref.id);

/**
 * The component that a reference names, with the reference's settings.
 *
 * @param what kind of thing it is, for errors: `attention`.
 * @param where begins the sentences of errors: the setting that holds the reference.
 * @throws GanymedeError `unknown-name` with near names, `invalid-config` for its settings.
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
