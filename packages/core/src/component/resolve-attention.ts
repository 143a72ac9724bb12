import { suggestion } from "../config/near-names.js";
import type { AttentionPart, AttentionVariant } from "../contracts/attention.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { Ref } from "./component.js";
import { refId, withSettings } from "./component.js";

type Role = AttentionVariant["role"];

/** What each role works on, as errors say it. */
const works: Readonly<Record<Role, string>> = {
  self: "tokens",
  map: "maps",
  cross: "tokens and a memory",
  set: "a set of tokens",
};

/**
 * The attention that a configuration names, with the settings of its reference.
 *
 * @param variants those to choose from; of several with one id the first is taken.
 * @param roles those that the place can use.
 * @param where the setting that names it, with its family: `vitgan: generator.attention`.
 * @param others further ids that the place knows, for errors.
 * @throws GanymedeError `unknown-name` for an id that is not there, naming near ones; `invalid-config` for a role that does not fit and for
 *   the settings.
 */
export function resolveAttention<R extends Role>(
  variants: readonly AttentionVariant[],
  ref: Ref,
  roles: readonly R[],
  where: string,
  others: readonly string[] = [],
): Extract<AttentionPart, { readonly role: R }> {
  const id = refId(ref);
  const fits = ({ role }: AttentionVariant) => (roles as readonly Role[]).includes(role);
  const named = variants.filter((variant) => variant.id === id);
  const variant = named.find(fits);
  if (variant === undefined) {
    const known = suggestion(id, [...new Set(variants.filter(fits).map((candidate) => candidate.id)), ...others]);
    const wanted = roles.map((role) => works[role]).join(" or ");
    const [other] = named;
    if (other === undefined) {
      throw new GanymedeError(
        "unknown-name",
        `${where}: there is no attention over ${wanted} called "${id}"; ${known}`,
      );
    }
    throw new GanymedeError(
      "invalid-config",
      `${where} must be an attention over ${wanted}, got "${id}", which works on ${works[other.role]}; ${known}`,
    );
  }
  const { id: _, ...settings } = typeof ref === "string" ? { id } : ref;
  return withSettings(variant, settings, where) as Extract<AttentionPart, { readonly role: R }>;
}
