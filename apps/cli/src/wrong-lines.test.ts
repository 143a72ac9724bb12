import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { builtInPlugins } from "./built-in-plugins.js";
import type { TestCommand } from "./fixtures/test-context.js";
import { testCommand } from "./fixtures/test-context.js";

let command: TestCommand;

beforeAll(async () => {
  command = await testCommand({ builtIn: async () => builtInPlugins() });
  const { cwd } = command;
  await mkdir(join(cwd, "empty"));
  await mkdir(join(cwd, "project"));
  await writeFile(join(cwd, "project", "config.json"), '{ "name": "a web project" }');
  await writeFile(join(cwd, "text.safetensors"), "not weights");
  await writeFile(join(cwd, "text.pth"), "not weights");
  await writeFile(join(cwd, "text.txt"), "nothing");
  await writeFile(join(cwd, "broken.ts"), "export default {");
  await writeFile(join(cwd, "number.ts"), "export default 3;");
  await writeFile(join(cwd, "kind.ts"), 'export default { apiVersion: 1, name: "x", loss: [] };');
});

/** Command lines by the exit code that the help promises for them; `''` is an empty argument. */
const lines: Readonly<Record<number, readonly string[]>> = {
  2: [
    "",
    "trian",
    "train",
    "train nothing-tiny --data images",
    "train vitgan-tin --data images",
    "train vitgan-tiny sagan-tiny --data images",
    "train vitgan-tiny --data scenes:8",
    "train vitgan-tiny --data images --steps",
    "train vitgan-tiny --data images --steps 0",
    "train vitgan-tiny --data images --steps -3",
    "train vitgan-tiny --data images --steps 1.5",
    "train vitgan-tiny --data images --steps many",
    "train vitgan-tiny --data images --steps 1e999",
    "train vitgan-tiny --data images --minutes 0",
    "train vitgan-tiny --data images --minutes NaN",
    "train vitgan-tiny --data images --images 0",
    "train vitgan-tiny --data images --batch 0",
    "train vitgan-tiny --data images --batch 1e9",
    "train vitgan-tiny --data images --seed -1",
    "train vitgan-tiny --data images --seed 1e30",
    "train vitgan-tiny --data images --threads 0",
    "train vitgan-tiny --data images --threads 100000",
    "train vitgan-tiny --data images --keep 0",
    "train vitgan-tiny --data images --log-every 0",
    "train vitgan-tiny --data images --set",
    "train vitgan-tiny --data images --set width",
    "train vitgan-tiny --data images --set =3",
    "train vitgan-tiny --data images --set generator..width=3",
    "train vitgan-tiny --data images --set generator.widht=3",
    "train vitgan-tiny --data images --set generator.width=-8",
    "train vitgan-tiny --data images --set generator.width=1.5",
    "train vitgan-tiny --data images --set generator.width=1e999",
    "train vitgan-tiny --data images --set generator.width=null",
    "train vitgan-tiny --data images --set generator.width=wide",
    "train vitgan-tiny --data images --set generator.depth=-1",
    "train vitgan-tiny --data images --set generator.depth=1e12",
    "train vitgan-tiny --data images --set generator.heads=7",
    "train vitgan-tiny --data images --set generator.attention=attenton",
    "train vitgan-tiny --data images --set generator.attention=cross",
    "train vitgan-tiny --data images --set generator=null",
    "train vitgan-tiny --data images --set generator=3",
    "train vitgan-tiny --data images --set discriminator.kind=tree",
    "train vitgan-tiny --data images --set discriminator.kind=residual",
    "train vitgan-tiny --data images --set imageSize=17",
    "train vitgan-tiny --data images --set channels=4",
    "train vitgan-tiny --data images --set classes=-1",
    "train vitgan-tiny --data images --set __proto__.batch=3",
    "train vitgan-tiny --data images --set constructor=3",
    "train vitgan-tiny --data images --set training.__proto__.batch=3",
    "train vitgan-tiny --data images --set training=3",
    "train vitgan-tiny --data images --set training.batch=0",
    'train vitgan-tiny --data images --set training.batch="4"',
    "train vitgan-tiny --data images --set training.optimizer.generator.beta2=1",
    "train vitgan-tiny --data images --set training.optimizer.generator=null",
    "train vitgan-tiny --data images --set training.loss=hing",
    "train vitgan-tiny --data images --set training.loss=3",
    "train vitgan-tiny --data images --set training.augmentation=ad",
    "train vitgan-tiny --data images --set training.optimizer.generator.learningRate=-1",
    "train vitgan-tiny --data images --set training.optimizer=0.1",
    'train vitgan-tiny --data images --set training.discriminatorTerms=[{"id":"r3"}]',
    "train vitgan-tiny --data images --set training.discriminatorTerms=r1",
    "train vitgan-tiny --data images --set training.ema.halfLifeImages=-1",
    "train vitgan-tiny --data images --set training.precision=float8",
    "train vitgan-tiny --data images --backend onx",
    "train vitgan-tiny --data images --plugin ./number.ts",
    "train vitgan-tiny --data images --plugin ./kind.ts",
    "train vitgan-tiny --data images --config broken.ts",
    "train vitgan-tiny --data images --metric fidd",
    "train vitgan-tiny --data images --stepz 3",
    "train --resume --out project",
    "train vitgan-tiny --resume --out project",
    "start --preset nothing",
    "start --out project --fresh --images x",
    "sample",
    "sample text.safetensors --count 0",
    "sample text.safetensors --psi 2",
    "sample text.safetensors --interpolate 1",
    "attend text.safetensors --query 1",
    "attend text.safetensors --layer 0",
    "eval",
    "eval images",
    "eval images images --metric fidd",
    "eval images images --metric swd --size 0",
    "eval images images --count 1",
    "compare",
    "compare a",
    "compare a=vitgan-tiny",
    "compare a=vitgan-tiny b=nothing --data images --steps 1",
    "compare a=vitgan-tiny a=sagan-tiny --data images --steps 1",
    "compare a=vitgan-tiny b=sagan-tiny --data images",
    "import",
    "import vitgn text.pth",
    "export",
    "bench nothing-tiny",
    "bench vitgan-tiny --batch x",
    "plugins extra",
    "plugins --jsn",
    "backends --backend cpu",
    "--nothing",
    "''",
    "train vitgan-tiny --data images --dry-run --out ''",
    "train vitgan-tiny --data images --dry-run --out=",
    "train vitgan-tiny --dry-run --data ''",
    "eval '' images --metric swd",
    "sample ''",
  ],
  3: [
    "train vitgan-tiny --data nowhere",
    "train vitgan-tiny --data empty",
    "train vitgan-tiny --data text.txt",
    "train vitgan-tiny --data scenes:32:x",
    "train vitgan-tiny --data images --set classes=10",
    "train vitgan-tiny --data images --plugin ./nothing.ts",
    "train vitgan-tiny --data images --plugin ganymede-plugin-nothing",
    "train vitgan-tiny --data images --plugin ./broken.ts",
    "train vitgan-tiny --data images --config nothing.ts",
    "train --resume",
    "train --resume --out nowhere",
    "train --resume --out empty",
    "sample nowhere",
    "sample empty",
    "sample project",
    "sample text.txt",
    "attend nowhere",
    "eval nowhere images",
    "eval images nowhere",
    "eval images images --inception nothing.pth",
    "eval images images --metric fid",
    "import vitgan nowhere.pth",
    "import vitgan text.pth",
    "import vitgan text.txt",
    "export nowhere",
  ],
  4: ["sample text.safetensors", "import vitgan text.safetensors", "export text.safetensors"],
  5: [
    "train vitgan-tiny --data images --set training.generatorTerms.super-resolution.weight=1",
    "train vitgan-tiny --data images --set training.discriminatorTerms.pixel-logits.id=pixel-logits",
  ],
  7: ["train vitgan-tiny --data images --out text.txt"],
};

const table = Object.entries(lines).flatMap(([code, own]) => own.map((line) => [line, Number(code)] as const));

/** What is said on the way to the error, and is none. */
const progress = /^(Data|Backend): /;

describe("a wrong command line", () => {
  it.each(table)("%s: exit code %i, one sentence, nothing left on disk", async (line, code) => {
    const before = await readdir(command.cwd, { recursive: true });
    const [notes, results] = [command.notes.length, command.out.length];
    const args = line.split(" ").filter((part) => part !== "");
    expect(await command.run(...args.map((part) => (part === "''" ? "" : part)))).toBe(code);
    const said = command.notes.slice(notes).filter((note) => !progress.test(note));
    expect(command.out.slice(results)).toEqual([]);
    if (line === "") {
      expect(said.join()).toMatch(/^Usage: ganymede/);
    } else {
      expect(said).toHaveLength(1);
      const [sentence] = said as [string];
      // One line, without a trace of the code behind it.
      expect(sentence).toMatch(/^[^\n]+$/);
      expect(sentence).not.toMatch(
        /\bat .*:\d+:\d+|\bTypeError\b|\bRangeError\b|is not a function|Cannot read|\[object |undefined/,
      );
    }
    expect(await readdir(command.cwd, { recursive: true })).toEqual(before);
  });

  it("is tried in more than ninety forms", () => {
    expect(table.length).toBeGreaterThan(90);
  });
});
