import { parseArgs } from "node:util";
import { GanymedeError } from "@ganymede/core";
import { backendNames } from "./backends.js";

export interface GoldenOptions {
  readonly folder: string;
  readonly json: boolean;
  readonly backend: string;
  readonly help: boolean;
}

export const usage = `Compares our layers, losses, optimizers and metrics with reference numbers.

Usage: npm run golden -- [folder] [--json] [--backend ${backendNames.join("|")}]

  folder      where the .safetensors files lie; default: $GANYMEDE_GOLDEN or ../shared/golden
  --json      one object per line: file, module, status, forward, grad
  --backend   the engine; default: cpu, the reference

Examples:
  npm run golden
  npm run golden -- ../shared/golden --json
  npm run golden -- --backend onnx
`;

/** Reads the arguments; throws GanymedeError `invalid-argument` for one that is not known. */
export function readOptions(args: readonly string[], defaultFolder: string): GoldenOptions {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        backend: { type: "string", default: "cpu" },
      },
    });
    if (!backendNames.includes(values.backend)) {
      throw new Error(`--backend must be one of ${backendNames.join(", ")}, got ${values.backend}`);
    }
    if (positionals.length > 1) throw new Error(`one folder is expected, got ${positionals.length}`);
    return { ...values, folder: positionals[0] ?? defaultFolder };
  } catch (error) {
    throw new GanymedeError("invalid-argument", `golden: ${(error as Error).message}; see --help`, { cause: error });
  }
}
