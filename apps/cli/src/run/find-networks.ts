import { GanymedeError } from "@ganymede/core";
import type { NetworkWeights, ReferenceWeights } from "@ganymede/core/weights";
import { compareNames } from "@ganymede/core/weights";

/** A network in a file: its arrays, by the names in its rules, and the rules. */
export interface FoundNetwork<Value> {
  readonly arrays: ReadonlyMap<string, Value>;
  readonly rules: NetworkWeights;
}

/** The networks in a file. */
export interface FoundNetworks<Value> {
  readonly generator: FoundNetwork<Value> | null;
  readonly average: FoundNetwork<Value> | null;
  readonly discriminator: FoundNetwork<Value> | null;
}

type Side = "generator" | "discriminator";
type Role = keyof FoundNetworks<unknown>;

/** The names of one network, in its authors' files or in ours. */
export interface NamedRules {
  readonly side: Side;
  readonly whose: "authors" | "ours";
  readonly rules: NetworkWeights;
}

interface Candidate extends NamedRules {
  readonly prefix: string;
  readonly role: Role;
  /** Number of arrays that the network and the file share under the prefix, and number of those that they do not. */
  readonly shared: number;
  readonly missing: number;
  readonly foreign: number;
}

/** Prefixes of a network in our own files: bare, or in a checkpoint. */
const ourPrefixes: Readonly<Record<string, readonly Role[]>> = {
  "": ["generator", "discriminator"],
  "generator.": ["generator"],
  "average.": ["average"],
  "discriminator.": ["discriminator"],
};

/** A dictionary whose name indicates an EMA: `g_ema`, `params_ema`, `avg_gen`, `Gs`. */
const averaged = /(^|[._-])(ema|EMA|avg|averaged?|shadow)([._-]|$)|(^|\.)Gs\.|[a-z]E(ma|MA)\./;

/** Names without the prefix of compiled networks (`_orig_mod.`), and without the counter of an averaged one. */
function plainNames<Value>(tensors: ReadonlyMap<string, Value>, who: string): ReadonlyMap<string, Value> {
  const out = new Map<string, Value>();
  for (const [name, value] of tensors) {
    const parts = name.split(".").filter((part) => part !== "_orig_mod");
    if (parts.at(-1) === "n_averaged") continue;
    const plain = parts.join(".");
    if (out.has(plain)) {
      throw new GanymedeError(
        "invalid-checkpoint",
        `${who}: names in the file must be unique, got "${plain}" both compiled and not; save one of them`,
      );
    }
    out.set(plain, value);
  }
  return out;
}

/** Prefix of wrappers for several devices; deeper in a name it may be the authors' own. */
const wrappers = /^(module\.)+/;

/** The arrays under a prefix, without the prefix and wrappers. */
function under<Value>(tensors: ReadonlyMap<string, Value>, prefix: string): ReadonlyMap<string, Value> {
  const found = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(found.map(([name, value]) => [name.slice(prefix.length).replace(wrappers, ""), value]));
}

/** Number of arrays of a network under each prefix of the file, wrapped or not. */
function countShared(names: readonly string[], { rules }: NamedRules): ReadonlyMap<string, number> {
  const wanted = new Set(rules.rules.flatMap(({ theirs }) => theirs));
  const counts = new Map<string, number>();
  for (const name of names) {
    for (let start = 0; ; ) {
      if (wanted.has(name.slice(start))) {
        const prefix = name.slice(0, start).replace(/(^|\.)(module\.)+$/, "$1");
        counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
      }
      const dot = name.indexOf(".", start);
      if (dot < 0) break;
      start = dot + 1;
    }
  }
  return counts;
}

function roleOf({ side }: NamedRules, prefix: string, places: ReferenceWeights["places"] | undefined): Role {
  if (side === "discriminator") return side;
  const isAt = (names: readonly string[] = []): boolean =>
    names.some((place) => prefix.startsWith(`${place}.`) || prefix.includes(`.${place}.`));
  if (isAt(places?.average)) return "average";
  return !isAt(places?.generator) && averaged.test(prefix) ? "average" : "generator";
}

/** Every prefix of the file that may hold a network. */
function candidatesFor(
  tensors: ReadonlyMap<string, unknown>,
  named: NamedRules,
  places: ReferenceWeights["places"] | undefined,
): Candidate[] {
  const found: Candidate[] = [];
  for (const [prefix, shared] of countShared([...tensors.keys()], named)) {
    const role = named.whose === "ours" && prefix === "average." ? "average" : roleOf(named, prefix, places);
    if (named.whose === "ours" && !ourPrefixes[prefix]?.includes(role)) continue;
    const { missing, foreign } = compareNames(named.rules, [...under(tensors, prefix).keys()]);
    found.push({ ...named, prefix, role, shared, missing: missing.length, foreign: foreign.length });
  }
  return found;
}

const misfit = ({ missing, foreign }: Candidate): number => missing + foreign;
const byFit = (a: Candidate, b: Candidate): number =>
  misfit(a) - misfit(b) || b.shared - a.shared || a.prefix.length - b.prefix.length;

/** The best candidates of a file, which do not overlap; at most one per role. */
function choose(candidates: readonly Candidate[], who: string): ReadonlyMap<Role, Candidate> {
  const chosen = new Map<Role, Candidate>();
  const taken: string[] = [];
  const likely = candidates.filter(({ shared, missing }) => shared > missing);
  // If nothing matches by half, the candidate that shares most arrays gives the best error.
  const closest = candidates.toSorted((a, b) => b.shared - a.shared).slice(0, 1);
  for (const each of (likely.length > 0 ? likely : closest).toSorted(byFit)) {
    const { role, prefix } = each;
    if (taken.some((other) => prefix.startsWith(other) || other.startsWith(prefix))) continue;
    const rival = chosen.get(role);
    if (rival === undefined) chosen.set(role, each);
    else if (misfit(rival) === misfit(each)) {
      throw new GanymedeError(
        "invalid-checkpoint",
        `${who}: the file must contain one ${role}, got one under "${rival.prefix}" and one under "${prefix}"; save one of them`,
      );
    }
    taken.push(prefix);
  }
  return chosen;
}

/**
 * Finds the networks in a file: a checkpoint of several, or the state dict of one, at any depth of dictionaries and wrappers. If several
 * match, the one that shares all its names is chosen.
 *
 * @param tensors tensors by name; only the names are used.
 * @param places names of each network in the authors' checkpoints: one that exists must match.
 * @throws GanymedeError `invalid-checkpoint` if the file has none, or two for one role.
 */
export function findNetworks<Value>(
  tensors: ReadonlyMap<string, Value>,
  networks: readonly NamedRules[],
  places: ReferenceWeights["places"] | undefined,
  who: string,
): FoundNetworks<Value> {
  const plain = plainNames(tensors, who);
  const chosen = choose(
    networks.flatMap((each) => candidatesFor(plain, each, places)),
    who,
  );
  const at = (role: Role): FoundNetwork<Value> | null => {
    const { prefix, rules } = chosen.get(role) ?? {};
    if (prefix !== undefined && rules !== undefined) return { arrays: under(plain, prefix), rules };
    const place = places?.[role].find((name) => [...plain.keys()].some((key) => key.startsWith(`${name}.`)));
    const side = role === "average" ? "generator" : role;
    const named = networks.find((each) => each.whose === "authors" && each.side === side);
    return place === undefined || named === undefined
      ? null
      : { arrays: under(plain, `${place}.`), rules: named.rules };
  };
  const found = { generator: at("generator"), average: at("average"), discriminator: at("discriminator") };
  if (Object.values(found).some((network) => network !== null)) return found;
  throw new GanymedeError(
    "invalid-checkpoint",
    `${who}: the file must contain weights of this family, got other names, such as "${[...tensors.keys()][0] ?? "none"}"; choose its family`,
  );
}
