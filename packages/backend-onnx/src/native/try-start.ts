import { GanymedeError } from "@ganymede/core";
import type { Accelerator } from "../runtime/platform.js";
import { createEnvironment } from "./environment.js";
import { startStore } from "./start-store.js";

const tried = new Map<Accelerator, string | null>();

/** Starts an engine, once per process, and releases it; returns why it does not start, or null. */
export async function whyNotStarting(provider: Accelerator): Promise<string | null> {
  const known = tried.get(provider);
  if (known !== undefined) return known;
  const environment = await createEnvironment({ provider, threads: 1 });
  let problem: string | null = null;
  try {
    startStore(environment).release();
  } catch (error) {
    if (!GanymedeError.is(error)) throw error;
    problem = error.message;
  } finally {
    environment.release();
  }
  tried.set(provider, problem);
  return problem;
}
