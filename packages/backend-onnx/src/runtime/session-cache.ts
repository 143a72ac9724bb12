import { createHash } from "node:crypto";
import type { Graph } from "../model/encode-model.js";
import { encodeModel } from "../model/encode-model.js";
import { optimize } from "../optimize/optimize.js";
import type { OrtEnvironment } from "./environment.js";
import type { Session } from "./session.js";
import { createSession } from "./session.js";

/** Sessions of equal graphs are shared; the ones used longest ago go first. */
const capacity = 64;

export class SessionCache {
  private readonly sessions = new Map<string, Session>();

  constructor(private readonly environment: OrtEnvironment) {}

  get(graph: Graph): Session {
    const model = encodeModel(optimize(graph, this.environment.accelerator?.operators));
    const key = createHash("sha1").update(model).digest("base64");
    const known = this.sessions.get(key);
    if (known !== undefined) {
      this.sessions.delete(key);
      this.sessions.set(key, known);
      return known;
    }
    const session = createSession(this.environment, graph, model);
    this.sessions.set(key, session);
    if (this.sessions.size > capacity) {
      const [oldest, stale] = this.sessions.entries().next().value!;
      stale.release();
      this.sessions.delete(oldest);
    }
    return session;
  }

  clear(): void {
    for (const session of this.sessions.values()) session.release();
    this.sessions.clear();
  }
}
