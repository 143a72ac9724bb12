import { GanymedeError } from "../errors/ganymede-error.js";

/** Ends a check with the violated rule. */
export function fail(who: string, rule: string): never {
  throw new GanymedeError("nonconforming", `${who}: ${rule}`);
}

/** Ends a check unless the rule holds. */
export function demand(holds: boolean, who: string, rule: string): void {
  if (!holds) fail(who, rule);
}
