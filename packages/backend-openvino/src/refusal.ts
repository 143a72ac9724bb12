import { GanymedeError } from "@ganymede/core";

/** What OpenVINO says of a graph that it does not take, as one sentence with the operators that it names. */
export function refusalOf(cause: unknown): GanymedeError {
  const words = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, " ").trim();
  const listed = /(?:Conversion is failed for|No conversion rule found for operations): (.*?)(?: Summary|$)/.exec(
    words,
  )?.[1];
  const what = listed === undefined ? `a function that it refuses (${words})` : `${listed}, which it refuses`;
  return new GanymedeError(
    "unsupported",
    `openvino backend: OpenVINO must have every operator of a compiled function, got ${what}; use --backend onnx`,
    { cause },
  );
}
