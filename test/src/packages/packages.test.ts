import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, Script } from "node:vm";
import { componentKinds } from "@ganymede/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, sourceText, workspacePackages } from "../workspace/packages.js";
import { runLibraryScript } from "./library-script.js";
import { outsideProject, pack, run } from "./pack.js";

const published = workspacePackages().filter(({ manifest }) => manifest.private !== true);
const names = published.map(({ manifest }) => manifest.name);

/** Doors of a package, as they are imported, with their sources. */
const doors = published.flatMap(({ manifest, ...rest }) =>
  Object.entries(manifest.exports ?? {}).flatMap(([door, conditions]) =>
    typeof conditions === "string"
      ? []
      : [
          {
            specifier: manifest.name + door.slice(1),
            source: conditions["@ganymede/source"] ?? "",
            each: { manifest, ...rest },
          },
        ],
  ),
);

/** Names of values that a door's source exports. */
function valueNames(text: string): string[] {
  const lists = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) => list!.split(","));
  const declared = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name!);
  return [...lists, ...declared]
    .map((item) => item.trim().split(" as ").at(-1) ?? "")
    .filter((item) => item !== "")
    .sort();
}

let folder: string;
let tarballs: Map<string, string>;
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-packs-"));
  tarballs = await pack(published, folder);
  const { peerDependencies } = published.find(({ id }) => id === "core")!.manifest;
  const engine = peerDependencies!["@tensorflow/tfjs-core"]!;
  project = await outsideProject(tarballs, { "@tensorflow/tfjs-core": engine, "@tensorflow/tfjs-backend-cpu": engine });
  await cp(join(root, "test", "fixtures"), project, {
    recursive: true,
    filter: (path) => !/[\\/](dist|node_modules)$/.test(path),
  });
}, 180_000);

afterAll(async () => {
  for (const place of [folder, project]) if (place !== undefined) await rm(place, { recursive: true, force: true });
});

const expected = {
  attention: [1, 5, 8],
  linear: [1, 5, 3],
  slope: [2, 4, 6],
  images: 4 * 32 * 32 * 3,
  sameSet: 0,
  distance: 25,
  generator: true,
};

describe.each(names)("the tarball of %s", (name) => {
  it("passes publint", async () => {
    const tarball = await readFile(tarballs.get(name)!);
    const buffer = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball: buffer as ArrayBuffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg ?? {}, { color: false }))).toEqual([]);
  });

  it("has right types, for ES modules and for bundlers", async () => {
    const attw = join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
    const report = await run(
      process.execPath,
      [attw, tarballs.get(name)!, "--profile", "esm-only", "--no-color"],
      root,
    );
    // A problem in a resolution that is not ignored is a failure of the command.
    expect(report).toMatch(/node16 \(from ESM\)[^\n]*(\n[^\n]*){0,40}🟢 \(ESM\)/);
  });

  it("holds its licence and its README, and no test", async () => {
    const installed = join(project, "node_modules", ...name.split("/"));
    const files = await readdir(installed, { recursive: true });
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
    expect(files.filter((file) => /\.test\.|fixture/.test(file))).toEqual([]);
  });
});

describe("outside the workspace", () => {
  it("every door gives the names that its source lists, in plain Node", async () => {
    const lines = doors.map(({ specifier }) => {
      const name = JSON.stringify(specifier);
      return `out[${name}] = Object.keys(await import(${name})).sort();`;
    });
    await writeFile(
      join(project, "doors.js"),
      `const out = {};\n${lines.join("\n")}\nprocess.stdout.write(JSON.stringify(out));\n`,
    );
    const found = JSON.parse(await run(process.execPath, ["doors.js"], project)) as Record<string, string[]>;
    const listed = doors.map(({ specifier, source, each }) => [
      specifier,
      valueNames(sourceText(each, source.replace("./", ""))),
    ]);
    expect(found).toEqual(Object.fromEntries(listed));
  });

  it("every package works in plain Node, on the compiled backend", async () => {
    expect(JSON.parse(await run(process.execPath, ["node-main.js"], project))).toMatchObject(expected);
  });

  it("main doors work through a bundler for the browser, without anything of Node's", async () => {
    const bundle = await rolldown({ input: join(project, "browser-main.js"), platform: "browser", cwd: project });
    const { output } = await bundle.generate({ format: "iife", name: "page", codeSplitting: false });
    expect(output.map((item) => item.type)).toEqual(["chunk"]);
    expect(output[0].imports).toEqual([]);
    // A world with what every page has, and without `process` or `require`.
    const page = createContext({
      document: {},
      performance,
      TextEncoder,
      TextDecoder,
      setTimeout,
      clearTimeout,
      console,
    });
    new Script("var window = globalThis, self = globalThis;").runInContext(page);
    new Script(output[0].code).runInContext(page);
    const result: string = await new Script("page.main().then((out) => JSON.stringify(out))").runInContext(page);
    expect(JSON.parse(result)).toMatchObject(expected);
  });

  it("a strict compiler finds every type", async () => {
    const compilerOptions = {
      strict: true,
      module: "nodenext",
      target: "es2022",
      noEmit: true,
      skipLibCheck: true,
      types: [],
    };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["typed-use.ts"] }));
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    expect(await run(process.execPath, [compiler, "-p", project], project)).toBe("");
  });

  it.each(names)("the example in the README of %s runs", async (name) => {
    const readme = await readFile(join(project, "node_modules", ...name.split("/"), "README.md"), "utf8");
    const [, example] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
    if (example === undefined) return expect(readme).toMatch(/```(sh|ts)\n/);
    const file = `readme-${name.split("/").at(-1)}.js`;
    await writeFile(join(project, file), example);
    await run(process.execPath, [file], project);
  });

  it("a script of 25 lines trains, goes on, samples and measures with the library", async () => {
    // FID where the weights of its network are at hand.
    const shared = process.env.GANYMEDE_DATA ?? join(root, "..", "shared", "data");
    const metric = existsSync(join(shared, "inception-v3-2015-12-05")) ? "fid-64" : "swd";
    const said = await runLibraryScript(project, metric, shared);
    expect(said).toMatchObject({ steps: [1, 2, 3, 4], imageShape: [32, 32, 3], bytes: 6 * 32 * 32 * 3, id: metric });
    expect(said.value).toBeGreaterThan(0);
    const files = await readdir(join(project, "library-run"), { recursive: true });
    expect(files).toEqual(expect.arrayContaining(["config.json", "metrics.jsonl", join("samples", "step-000002.png")]));
    expect(files.filter((name) => /events\.out\.tfevents/.test(name)).length).toBe(2);
    const lines = (await readFile(join(root, "test", "fixtures", "library-script.ts"), "utf8")).trim().split("\n");
    expect(lines.length).toBeLessThanOrEqual(25);
  });

  it("what is not used is left out of a bundle", async () => {
    await writeFile(
      join(project, "small.js"),
      `import { frechetDistance } from "@ganymede/metrics";\nconsole.log(frechetDistance);\n`,
    );
    const bundle = await rolldown({ input: join(project, "small.js"), platform: "browser", cwd: project });
    const { output } = await bundle.generate({ format: "esm" });
    expect(output[0].code).not.toMatch(/Mixed_5b|torch\.save|laplacian/i);
  });

  it("the command says what it can do", async () => {
    const help = await run(
      process.execPath,
      [join(project, "node_modules", "@ganymede", "cli", "bin", "ganymede.js"), "--help"],
      project,
    );
    expect(help).toMatch(/train[\s\S]*sample[\s\S]*eval/);
  });
});

describe("a plugin that an outsider wrote", () => {
  const name = "ganymede-plugin-cosine";
  const ganymede = (...args: string[]) => {
    const command = join(project, "node_modules", "@ganymede", "cli", "bin", "ganymede.js");
    return run(process.execPath, [command, ...args], project);
  };
  const steps = [
    "--set",
    "generator.attention=swin-cosine",
    "--set",
    "discriminator.attention=swin-cosine",
    "--steps",
    "2",
  ];
  const train = ["train", "vitgan-tiny", "--data", "scenes", "--batch", "4", ...steps];

  beforeAll(async () => {
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    await run(process.execPath, [compiler, "-p", join(project, name)], project);
    await symlink(join(project, name), join(project, "node_modules", name), "junction");
  });

  it("passes the conformance kit", async () => {
    expect(await run(process.execPath, [join(name, "conformance.js")], project)).toBe("conforms\n");
  });

  it("trains in a model of ours, named on the command line", async () => {
    expect(await ganymede("plugins", "--plugin", name)).toMatch(/swin-cosine +ganymede-plugin-cosine/);
    await ganymede(...train, "--plugin", name, "--out", "named");
    const weights = await readFile(join(project, "named", "checkpoints", "step-000002.safetensors"), "latin1");
    expect(weights).toContain("attention.logTau");
  });

  it("trains from a configuration file, to the same weights", async () => {
    const config = `import { defineConfig } from "@ganymede/cli";\nimport cosine from "${name}";\n`;
    await writeFile(
      join(project, "ganymede.config.ts"),
      `${config}export default defineConfig({ plugins: [cosine()] });\n`,
    );
    await ganymede(...train, "--out", "configured");
    const losses = async (out: string) => {
      const lines = (await readFile(join(project, out, "metrics.jsonl"), "utf8")).trim().split("\n");
      return lines.map((line) => {
        const { seconds: _, imagesPerSecond: __, ...rest } = JSON.parse(line) as Record<string, number>;
        return rest;
      });
    };
    expect(await losses("configured")).toEqual(await losses("named"));
  });
});

describe("a plugin with one part of every kind", () => {
  const name = "ganymede-plugin-everything";
  const source = join(root, "test", "fixtures", name);
  const ganymede = (...args: string[]) => {
    const command = join(project, "node_modules", "@ganymede", "cli", "bin", "ganymede.js");
    return run(process.execPath, [command, ...args], project);
  };
  const set = (settings: Readonly<Record<string, string>>) =>
    Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const distance = JSON.stringify({ id: "colour-distance", extractor: { id: "colour-tiles", side: 1 } });
  const watched = ["--metric", distance, "--metric-every", "2", "--metric-images", "16", "--log", "newest"];
  const runFile = (...path: string[]) => readFile(join(project, "everything", ...path), "utf8");

  beforeAll(async () => {
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    expect(await run(process.execPath, [compiler, "-p", join(project, name)], project)).toBe("");
    await symlink(join(project, name), join(project, "node_modules", name), "junction");
  });

  it("passes the conformance kits", async () => {
    expect(await run(process.execPath, [join(name, "conformance.js")], project)).toBe("conforms\n");
  });

  it("has all kinds but models and backends", async () => {
    const sections = (await ganymede("plugins", "--plugin", name)).split(/^(?=\w)/m);
    const kinds = sections.filter((each) => each.includes(`  ${name}  `)).map((each) => each.split("\n")[0]!);
    expect([...kinds, "models", "backends"].sort()).toEqual([...componentKinds].sort());
  });

  it("trains a model of ours with all of them, until its callback stops the run", async () => {
    const stairs = { id: "staircase", value: 0.01, factor: 0.5, every: 1 };
    const asked = set({
      "generator.attention": "token-mixing",
      "discriminator.attention": "sigmoid",
      "training.loss": "smooth-hinge",
      "training.augmentation": "shade",
      "training.discriminatorTerms.centre.weight": "0.5",
      "training.generatorTerms.colour-match.weight": "2",
      "training.optimizer.generator": JSON.stringify({ id: "momentum", learningRate: stairs }),
      "training.optimizer.discriminator": "momentum",
    });
    const callback = JSON.stringify({ id: "good-enough", value: 442 });
    const plan = ["--data", "ramps:32", "--batch", "4", "--steps", "100", "--log-every", "1", "--callback", callback];
    await ganymede("train", "vitgan-tiny", "--plugin", name, ...asked, ...plan, ...watched, "--out", "everything");
    const newest = JSON.parse(await runFile("newest.json")) as Record<string, number>;
    expect(newest).toMatchObject({ step: 2 });
    for (const key of ["loss/centre", "loss/g/colour-match", "colour-match/colour", "colour-distance"]) {
      expect(newest[key], key).toBeGreaterThan(0);
    }
    expect(await runFile("checkpoints", "step-000002.safetensors")).toMatch(/velocity/);
    expect(JSON.parse(await runFile("config.json"))).toMatchObject({
      training: {
        loss: { id: "smooth-hinge" },
        augmentation: { id: "shade" },
        optimizer: { generator: { id: "momentum", learningRate: stairs }, discriminator: { id: "momentum" } },
      },
      data: { id: "ramps-train-32-3" },
    });
  });

  it("goes on without being named again", async () => {
    const again = ["train", "--resume", "--out", "everything", "--steps", "3", "--log-every", "1", ...watched];
    expect(await ganymede(...again, "--dry-run")).toContain('"smooth-hinge"');
    await ganymede(...again);
    expect(JSON.parse(await runFile("newest.json"))).toMatchObject({ step: 3 });
  });

  it("has a README that counts the lines of each part", async () => {
    const readme = await readFile(join(source, "README.md"), "utf8");
    const counted = [...readme.matchAll(/\]\(src\/([\w-]+\.ts)\).*?(\d+) \|$/gm)].map(([, file, lines]) => [
      file,
      lines,
    ]);
    const files = await readdir(join(source, "src"));
    const lines = files.map(async (file) => {
      const text = await readFile(join(source, "src", file), "utf8");
      return [file, String(text.split("\n").length - 1)];
    });
    expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(await Promise.all(lines)));
  });
});
