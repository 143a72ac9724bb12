// Bundled together with tfjs-core's own specs (bundle.ts) and run as a process of its own:
// node worker.mjs onnx|reference <report.json> <path of jasmine-core>
import { writeFile } from "node:fs/promises";
import { onnxBackend } from "@ganymede/backend-onnx";
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";

import type { SpecReport } from "./compare.js";
import { installJasmine } from "./jasmine.js";

const [backendName, reportPath, jasminePath] = process.argv.slice(2) as [string, string, string];
const env = installJasmine(jasminePath);

// A spec that leaves a rejected promise behind must not end the run of all the others.
process.on("unhandledRejection", () => undefined);
// The specs provoke warnings by the thousand.
console.warn = () => undefined;

if (backendName === "onnx") {
  await onnxBackend().activate();
} else {
  // Under a name of its own: some specs are about a backend called cpu and no other.
  tf.registerBackend(backendName, () => new MathBackendCPU());
  tf.copyRegisteredKernels("cpu", backendName);
}

// Gradients and chained methods as tfjs registers them: the specs take both for granted.
await import("@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js");
await import("@tensorflow/tfjs-core/dist/register_all_gradients.js");
const { setTestEnvs } = await import("@tensorflow/tfjs-core/dist/jasmine_util.js");
setTestEnvs([{ name: backendName, backendName, isDataSync: true }]);
await import("@tensorflow/tfjs-core/dist/tests.js");

const report: SpecReport[] = [];
const seen = new Map<string, number>();
let last = performance.now();
env.addReporter({
  specDone({ fullName, status, failedExpectations }) {
    const plain = fullName.replaceAll(` ${backendName} {}`, "");
    const count = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, count);
    const now = performance.now();
    report.push({
      name: count === 1 ? plain : `${plain} (${count})`,
      status,
      reason: failedExpectations[0]?.message ?? "",
      milliseconds: now - last,
    });
    last = now;
  },
  jasmineDone() {
    void writeFile(reportPath, JSON.stringify(report)).then(() => process.exit(0));
  },
});
env.execute();
