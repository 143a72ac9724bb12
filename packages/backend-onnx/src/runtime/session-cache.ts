import type { Graph } from "../model/encode-model.js";
import { encodeModel } from "../model/encode-model.js";
import { optimize } from "../optimize/optimize.js";
import type { Rule } from "../optimize/rewrite.js";
import { digest } from "./digest.js";

/** Sessions of equal graphs are shared; the least recently used are evicted first. */
const capacity = 64;

/** Session functions of an engine: `Loaded` is a session, or a promise of one. */
export interface Loader<Loaded> {
  readonly operators: Rule | undefined;
  load(graph: Graph, model: Uint8Array): Loaded;
}

export class SessionCache<Loaded> {
  private readonly sessions = new Map<string, Loaded>();

  constructor(
    private readonly engine: Loader<Loaded>,
    private readonly end: (loaded: Loaded) => void,
  ) {}

  get(graph: Graph): Loaded {
    const model = encodeModel(optimize(graph, this.engine.operators));
    const key = digest(model);
    const known = this.sessions.get(key);
    if (known !== undefined) {
      this.sessions.delete(key);
      this.sessions.set(key, known);
      return known;
    }
    const session = this.engine.load(graph, model);
    this.sessions.set(key, session);
    if (this.sessions.size > capacity) {
      const [oldest, stale] = this.sessions.entries().next().value!;
      this.end(stale);
      this.sessions.delete(oldest);
    }
    return session;
  }

  clear(): void {
    for (const session of this.sessions.values()) this.end(session);
    this.sessions.clear();
  }
}
