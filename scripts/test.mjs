// `npm test`: installs, builds, type-checks, lints and runs every test. The last line is `N passed, N failed, N skipped`.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkNode, install, runPnpm, say } from "./prepare.mjs";

const counts = { passed: 0, failed: 1, skipped: 0 };
const reports = mkdtempSync(join(tmpdir(), "ganymede-test-"));
const report = join(reports, "vitest.json");

// A stage that fails ends the process where it stands: the last line is written on the way out, whatever the way.
process.on("exit", () => {
  if (existsSync(report)) readCounts(report);
  rmSync(reports, { recursive: true, force: true });
  writeSync(1, `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
});

/** Takes the counts from vitest's report; a file that could not be loaded counts as one failed test. */
function readCounts(file) {
  const found = JSON.parse(readFileSync(file, "utf8"));
  const broken = found.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  ).length;
  counts.passed = found.numPassedTests;
  counts.skipped = found.numPendingTests + found.numTodoTests;
  counts.failed = found.numFailedTests + broken;
  // Errors outside any test leave the counts clean but the run unsuccessful.
  if (!found.success && counts.failed === 0) counts.failed = 1;
}

checkNode();
install();
say("Building and checking types ...");
runPnpm(
  ["exec", "turbo", "run", "build", "check", "--output-logs=errors-only", "--ui=stream"],
  "the build and type check",
);
say("Linting ...");
runPnpm(["exec", "biome", "ci", "."], "the lint");
say("Testing ...");
runPnpm(
  ["exec", "vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  "every test",
);
if (!existsSync(report)) {
  say("Ganymede: vitest must write its report, but there is none.");
  process.exitCode = 1;
}
