import { GanymedeError } from "../errors/ganymede-error.js";

/** Rules between settings; each throws `invalid-config` with the family's name if it is violated. */
export interface ConfigRules {
  /** @param rule the rest of the error sentence: what must hold, what was got and what to do. */
  demand(holds: boolean, rule: string): void;
  /** @param names what must divide what: `generator.heads must divide generator.width`. */
  divides(divisor: number, of: number, names: string): void;
  oneOf(value: unknown, known: readonly unknown[], name: string): void;
}

/** The rules of a family, whose name starts the error sentences. */
export function configRules(family: string): ConfigRules {
  const demand: ConfigRules["demand"] = (holds, rule) => {
    if (!holds) throw new GanymedeError("invalid-config", `${family}: ${rule}`);
  };
  return {
    demand,
    divides: (divisor, of, names) =>
      demand(
        Number.isInteger(divisor) && divisor > 0 && of % divisor === 0,
        `${names}, got ${divisor} and ${of}; choose a divisor of ${of}`,
      ),
    oneOf: (value, known, name) =>
      demand(known.includes(value), `${name} must be one of ${known.join(", ")}, got ${String(value)}`),
  };
}
