import { GanymedeError } from "../../errors/ganymede-error.js";
import { shorten } from "../../errors/shorten.js";
import { type ElementType, elementTypes } from "../element-type.js";
import { mostInstructions } from "./pickle.js";
import { inert, type PickleCallable, type PickleHost, type PickleObject, type PickleValue } from "./pickle-machine.js";

/** A block of values in the file; tensors are views of it. */
export interface TorchStorage extends PickleObject {
  readonly object: "storage";
  readonly key: string;
  readonly dtype: ElementType;
  /** Number of values. */
  readonly size: number;
}

/** Strided view of a tensor in its storage, in elements. */
export interface TensorPlace extends PickleObject {
  readonly object: "tensor";
  readonly storage: TorchStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

const storageTypes: Readonly<Record<string, ElementType>> = {
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

/** Objects beside tensors in checkpoints; they are skipped and never executed. */
const inertNames =
  /^(torch\.(Size|device|serialization\._get_layout|float\d+|double|half|bfloat16|u?int\d+|long|bool|complex\d+)|numpy\.(dtype|ndarray|dtypes\.\w+|_?core\.multiarray\.(scalar|_reconstruct))|(__builtin__|builtins)\.(set|frozenset|bytes|bytearray|complex|slice|range|int|float|list|dict)|_codecs\.encode|argparse\.Namespace|pathlib\.(Pure)?(Posix|Windows)Path)$/;

/** PyTorch's limit on the number of axes. */
const mostAxes = 64;

export const sizeOf = ({ size, dtype }: TorchStorage): number => size * elementTypes[dtype].bytes;

const isObject = (value: PickleValue | undefined, kind: string): boolean =>
  typeof value === "object" && value !== null && "object" in value && value.object === kind;

const isSizes = (value: PickleValue | undefined): value is number[] =>
  Array.isArray(value) &&
  value.length <= mostAxes &&
  value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);

/** Number of values of a shape. */
export const countOf = (shape: readonly number[]): number =>
  shape.includes(0) ? 0 : shape.reduce((product, length) => product * length, 1);

/**
 * The objects that tensor files of PyTorch may refer to, and nothing else.
 *
 * @param storages receives every storage of the file, by key.
 */
export function torchHost(who: string, storages: Map<string, TorchStorage>): PickleHost {
  const fail = (rule: string): GanymedeError =>
    new GanymedeError("invalid-data", `${who}: ${rule}; use another copy of the file`);

  const rebuildTensor = ([storage, offset, shape, strides]: readonly PickleValue[]): PickleValue => {
    if (!isObject(storage, "storage") || !isSizes([offset ?? null]) || !isSizes(shape) || !isSizes(strides)) {
      throw fail(`a tensor must have a storage, an offset, a shape and strides of at most ${mostAxes} axes`);
    }
    const { size } = storage as TorchStorage;
    // Offset of the last value of the view; an empty view has none.
    const reach = shape.reduce((sum, length, axis) => sum + (length - 1) * (strides[axis] ?? 0), offset as number);
    if (shape.length !== strides.length || (!shape.includes(0) && !(reach < size))) {
      throw fail(`a tensor of shape [${shape.join(", ")}] must lie in its storage of ${size} values`);
    }
    if (countOf(shape) > size) {
      throw new GanymedeError(
        "unsupported",
        `${who}: a tensor of shape [${shape.join(", ")}] repeats the ${size} values of its storage; save it after .contiguous()`,
      );
    }
    const place: TensorPlace = {
      object: "tensor",
      storage: storage as TorchStorage,
      offset: offset as number,
      // Copies, because the pickle may still change its lists.
      shape: [...shape],
      strides: [...strides],
    };
    return place;
  };

  let pairsLeft = mostInstructions;
  const orderedDict = ([pairs = []]: readonly PickleValue[]): PickleValue => {
    if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) {
      throw fail("an OrderedDict must be made of pairs");
    }
    // One list may be an argument of many calls.
    pairsLeft -= pairs.length;
    if (pairsLeft < 0) throw fail(`dicts must be made of at most ${mostInstructions} pairs in all`);
    return new Map(pairs as [PickleValue, PickleValue][]);
  };

  const functions: Readonly<Record<string, PickleCallable["call"]>> = {
    "collections.OrderedDict": orderedDict,
    "collections.defaultdict": () => new Map(),
    "torch._utils._rebuild_tensor": rebuildTensor,
    "torch._utils._rebuild_tensor_v2": rebuildTensor,
    "torch._utils._rebuild_parameter": ([tensor]) => tensor ?? null,
    "torch._utils._rebuild_parameter_with_state": ([tensor]) => tensor ?? null,
  };
  const storageOf = (name: string) => (): never => {
    throw fail(`${name} must be used as the type of a storage, not be called`);
  };

  return {
    global(name) {
      if (Object.hasOwn(functions, name)) return { callable: name, call: functions[name]! };
      if (Object.hasOwn(storageTypes, name)) return { callable: name, call: storageOf(name) };
      return inertNames.test(name) ? { callable: name, call: () => inert } : undefined;
    },
    persistent(id) {
      const [kind, type, key, , size, view] = Array.isArray(id) ? id : [];
      const name = typeof type === "object" && type !== null && "callable" in type ? type.callable : "";
      const dtype = Object.hasOwn(storageTypes, name) ? storageTypes[name] : undefined;
      if (kind !== "storage" || dtype === undefined || typeof key !== "string" || !isSizes([size ?? null])) {
        throw fail("a storage must have a type, a key and a size");
      }
      if (view !== undefined && view !== null) {
        throw new GanymedeError(
          "unsupported",
          `${who}: storage views, written by PyTorch before 0.4, are not supported; save the file again with a newer version`,
        );
      }
      const known = storages.get(key);
      if (known !== undefined) {
        if (known.dtype === dtype && known.size === size) return known;
        throw fail(`storage "${shorten(key)}" must be of one type and size, got two`);
      }
      const storage: TorchStorage = { object: "storage", key, dtype, size: size as number };
      storages.set(key, storage);
      return storage;
    },
  };
}

/** Limits on the nesting of dicts and lists, and on the length of a tensor's path in characters. */
const deepest = 64;
const longestPath = 500;

/**
 * All tensors of nested dicts and lists, by path (`state_dict.conv.weight`). A container that occurs again is skipped, as are entries
 * whose key is neither a string nor a number.
 */
export function tensorPlaces(root: PickleValue, who: string): Map<string, TensorPlace> {
  const found = new Map<string, TensorPlace>();
  const seen = new Set<PickleValue>();
  const visit = (value: PickleValue, path: string, depth: number): void => {
    if (isObject(value, "tensor")) {
      // Joined names may collide: {"a": {"b": x}, "a.b": y}.
      if (found.has(path)) {
        throw new GanymedeError(
          "invalid-data",
          `${who}: tensor names must be unique, got two called "${shorten(path)}"; save a plain state dict`,
        );
      }
      found.set(path, value as unknown as TensorPlace);
    }
    if (!(value instanceof Map || Array.isArray(value)) || seen.has(value)) return;
    seen.add(value);
    for (const [name, child] of value.entries()) {
      if (typeof name !== "string" && typeof name !== "number") continue;
      if (typeof child !== "object" || child === null) continue;
      const next = path === "" ? String(name) : `${path}.${name}`;
      if (depth === deepest || next.length > longestPath) {
        throw new GanymedeError(
          "invalid-data",
          `${who}: tensors must be nested in at most ${deepest} dicts, with paths of at most ${longestPath} characters, got more; save a plain state dict`,
        );
      }
      visit(child, next, depth + 1);
    }
  };
  visit(root, "", 0);
  return found;
}
