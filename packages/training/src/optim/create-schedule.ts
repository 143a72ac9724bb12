import type { ResolveSchedule, ScheduleComponent, Scheduled } from "@ganymede/core";
import { GanymedeError, resolveRef } from "@ganymede/core";
import type { Place, Setting } from "@ganymede/core/config";
import { constant, cosine, linear, warmUp } from "./schedules.js";

/** The schedules of this package. */
export const schedules: readonly ScheduleComponent[] = [constant, linear, cosine, warmUp];

/** Checks that a value is in range; `where` starts the error sentence. */
function checkEnd(value: number, where: string, range: Setting<number>): void {
  const place: Place = {
    below: () => place,
    fail(rule) {
      throw new GanymedeError("invalid-config", `${where} ${rule}`);
    },
  };
  range.check(value, place);
}

/**
 * Creates a resolver of settings that may be schedules: a number is constant, a reference names a schedule.
 *
 * @param components schedules that can be named. Default: those of this package.
 * @returns a function that throws GanymedeError `invalid-config` for a value out of range, `unknown-name` for an unknown schedule.
 */
export function scheduleResolver(components: readonly ScheduleComponent[] = schedules): ResolveSchedule {
  const resolve: ResolveSchedule = (value: Scheduled, where, range) => {
    const schedule =
      typeof value === "number"
        ? { at: () => value, ends: [value] }
        : resolveRef(components, value, "schedule", where).create({ schedule: resolve });
    for (const end of schedule.ends) checkEnd(end, where, range);
    return schedule;
  };
  return resolve;
}
