import { attention } from "@ganymede/attention";
import type { AttentionVariant } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";

/**
 * The variant of an id and of one of the roles, from outside first, then of `@ganymede/attention`.
 *
 * @throws GanymedeError `invalid-config` listing the known ids of these roles.
 */
export function findAttention<Role extends AttentionVariant["role"]>(
  id: string,
  outside: readonly AttentionVariant[],
  roles: readonly Role[],
): Extract<AttentionVariant, { readonly role: Role }> {
  const known = [...outside, ...(attention().attentions ?? [])].filter(
    (variant): variant is Extract<AttentionVariant, { readonly role: Role }> =>
      roles.some((role) => role === variant.role),
  );
  const found = known.find((variant) => variant.id === id);
  if (found === undefined) {
    const ids = [...new Set(known.map((variant) => variant.id))].join(", ");
    throw new GanymedeError(
      "invalid-config",
      `skinny: no attention with the role ${roles.join(" or ")} is called "${id}"; known: ${ids}`,
    );
  }
  return found;
}
