import { join } from "node:path";
import { Application, type DeclarationReflection, LogLevel, type ProjectReflection, ReflectionKind } from "typedoc";
import { entryPoints, root } from "./entry-points.js";

/** The API as TypeDoc reads it from the sources, and what it has to say about them. */
export interface Reference {
  readonly app: Application;
  readonly project: ProjectReflection;
  readonly warnings: readonly string[];
}

/**
 * Reads the docstrings of everything that an entry point exports.
 *
 * @throws Error when the sources cannot be read.
 */
export async function convert(): Promise<Reference> {
  const points = entryPoints();
  const app = await Application.bootstrap({
    name: "Ganymede",
    entryPoints: points.map(({ source }) => source),
    tsconfig: join(root, "reference", "tsconfig.sources.json"),
    basePath: root,
    readme: "none",
    excludeExternals: true,
    excludePrivate: true,
    // `turbo run check` checks the types, with a newer compiler than TypeDoc has.
    skipErrorChecking: true,
    // What a signature names and no entry point exports is shown in place.
    validation: {
      notExported: false,
      notDocumented: false,
      invalidLink: true,
      rewrittenLink: true,
      unusedMergeModuleWith: true,
    },
    disableGit: true,
    gitRevision: "main",
    sourceLinkTemplate: "https://github.com/ganymede-gan/ganymede/blob/{gitRevision}/{path}#L{line}",
    logLevel: "Warn",
  });
  const warnings: string[] = [];
  app.logger.log = (message, level) => {
    if (level >= LogLevel.Warn) warnings.push(message);
  };
  const project = await app.convert();
  if (project === undefined) throw new Error(`The sources must convert, but TypeDoc says: ${warnings.join("; ")}`);
  const names = new Map(points.map(({ name, source }) => [source, name]));
  for (const module of project.getReflectionsByKind(ReflectionKind.Module) as DeclarationReflection[]) {
    module.name = names.get(module.sources?.[0]?.fullFileName ?? "") ?? module.name;
  }
  app.validate(project);
  return { app, project, warnings };
}

/** Symbols that an entry point exports without a docstring, as `@ganymede/core/nn: LinearParams`, in order. */
export function undocumented(project: ProjectReflection): readonly string[] {
  return (project.children ?? [])
    .flatMap((module) =>
      (module.children ?? [])
        .filter((symbol) => symbol.kind !== ReflectionKind.Reference)
        .filter((symbol) => !symbol.hasComment() && !symbol.signatures?.some((signature) => signature.hasComment()))
        .map((symbol) => `${module.name}: ${symbol.name}`),
    )
    .sort();
}

/** Symbols that may lack a docstring for now; `npm run api` takes out those that have one, and nothing adds to it. */
export const undocumentedList = join(root, "reference", "undocumented.json");
