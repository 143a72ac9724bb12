import { describe, expect, it } from "vitest";
import { summarizeProfile } from "./profile.js";

const event = (name: string, ts: number, dur: number, operator?: string) => ({
  cat: operator === undefined ? "Session" : "Node",
  name,
  ts,
  dur,
  args: operator === undefined ? {} : { op_name: operator },
});

describe("summarizeProfile", () => {
  it("sums the operators of the last run alone, longest first", () => {
    const events = [
      event("model_run", 0, 100),
      event("a_kernel_time", 10, 90_000, "Add"),
      event("model_run", 1000, 5000),
      event("a_kernel_time", 1100, 1000, "Add"),
      event("b_kernel_time", 2200, 2500, "MatMul"),
      event("c_kernel_time", 4800, 500, "Add"),
      event("c_fence_before", 4800, 500, "Add"),
    ];
    expect(summarizeProfile(JSON.stringify(events))).toEqual({
      runs: 2,
      milliseconds: 5,
      operators: [
        { operator: "MatMul", milliseconds: 2.5, calls: 1 },
        { operator: "Add", milliseconds: 1.5, calls: 2 },
      ],
    });
  });

  it("refuses a file without a run", () => {
    expect(() => summarizeProfile("[]")).toThrow(/must contain a run/);
  });
});
