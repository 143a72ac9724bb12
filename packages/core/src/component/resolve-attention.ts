import { suggestion } from "../config/near-names.js";
import type { AttentionPart, AttentionVariant } from "../contracts/attention.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { Ref } from "./component.js";
import { refId, withSettings } from "./component.js";

type Role = AttentionVariant["role"];

/** Inputs of each role, for errors. */
const works: Readonly<Record<Role, string>> = {
  self: "tokens",
  map: "maps",
  cross: "tokens and a memory",
  set: "a set of tokens",
};

/**
 * The attention that a reference names, with the settings of the reference.
 *
 * @param variants candidates; of several with one id the first is used.
 * @param roles roles that are allowed here.
 * @param where the setting that names it, with its family: `vitgan: generator.attention`.
 * @param others other ids that are valid here, for errors.
 * @throws GanymedeError `unknown-name` for an unknown id, with similar names; `invalid-config` for a wrong role or invalid
 *   settings.
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
