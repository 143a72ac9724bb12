/** Options of the command by their names in the library. */
export const commandOptions: Readonly<Record<string, string>> = {
  backend: "--backend",
  cache: "--cache",
  classGrid: "--classes",
  componentMixing: "--mix-components",
  data: "--data",
  from: "--mix-from",
  interpolation: "--interpolate",
  keepBest: "--keep-best",
  metrics: "--metric",
  onNan: "--on-nan",
  out: "--out",
  plugins: "--plugin",
  psi: "--psi",
  psiSweep: "--psi-sweep",
  resume: "--resume",
  set: "--set",
  space: "--space",
  styleMixing: "--mix-styles",
  threads: "--threads",
  truncation: "--truncation",
};

/**
 * Translates option names in a sentence of the library: `` `keepBest` ``, `` `resume: true` `` and `` `backend: "cpu"` `` become
 * `--keep-best`, `--resume` and `--backend cpu`.
 */
export function nameOptions(sentence: string): string {
  return sentence.replace(/`(\w+)(?:: (?:(true|false)|["']([^"'`]*)["']))?`/g, (text, name: string, flag, value) => {
    const option = Object.hasOwn(commandOptions, name) ? commandOptions[name] : undefined;
    if (option === undefined) return text;
    if (flag === "false") return option.replace("--", "--no-");
    return value === undefined ? option : `${option} ${value}`;
  });
}
