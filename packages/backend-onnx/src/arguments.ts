import type { CompileArgument, Key, ParamTree } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

function isKey(argument: CompileArgument): argument is Key {
  return typeof argument === "object" && argument !== null && "words" in argument && Array.isArray(argument.words);
}

export function kindOf(argument: CompileArgument): "tree" | "key" | "plain" {
  if (isKey(argument)) return "key";
  return typeof argument === "object" && argument !== null ? "tree" : "plain";
}

/** What decides whether a trace fits the arguments: structure, shapes and types of trees, and plain values themselves. */
export function signature(args: readonly CompileArgument[]): string {
  return args
    .map((argument) => {
      const kind = kindOf(argument);
      if (kind === "key") return "key";
      if (kind === "plain") return JSON.stringify(argument);
      return treeSignature(argument as ParamTree);
    })
    .join("|");
}

/** Names, types and shapes; each name once, since a step asks for hundreds of leaves. */
function treeSignature(tree: ParamTree): string {
  if (tree instanceof tf.Tensor) return `${tree.dtype}[${tree.shape}]`;
  let text = "{";
  for (const name of Object.keys(tree)) {
    text += `${name}:${treeSignature((tree as Readonly<Record<string, ParamTree>>)[name] as ParamTree)} `;
  }
  return `${text}}`;
}
