import { defineConfig } from "vitest/config";

// Packages resolve to their sources through this condition, so unit tests need no build of their neighbours.
const conditions = ["@ganymede/source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "apps/*/src/**/*.test.ts",
      "test/src/**/*.test.ts",
      "bench/src/**/*.test.ts",
      "reference/src/**/*.test.ts",
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two heavy engines side by side on two cores only slow each other down.
    maxWorkers: 2,
  },
});
