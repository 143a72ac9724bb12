import { GanymedeError } from "../../errors/ganymede-error.js";
import type { ElementType } from "../element-type.js";
import type { PickleCallable, PickleHost, PickleObject, PickleValue } from "./pickle.js";

/** A block of values in the file; tensors are views of it. */
export interface TorchStorage extends PickleObject {
  readonly object: "storage";
  readonly key: string;
  readonly dtype: ElementType;
  /** Number of values. */
  readonly size: number;
}

/** Where the values of a tensor lie in its storage, in elements. */
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
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

const isObject = (value: PickleValue | undefined, kind: string): boolean =>
  typeof value === "object" && value !== null && "object" in value && value.object === kind;

const isSizes = (value: PickleValue | undefined): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);

/**
 * What PyTorch's files of tensors may name, and nothing else.
 *
 * @param storages is filled with every storage that the file names, by key.
 */
export function torchHost(who: string, storages: Map<string, TorchStorage>): PickleHost {
  const fail = (rule: string): GanymedeError =>
    new GanymedeError("invalid-data", `${who}: ${rule}; use another copy of the file`);

  const rebuildTensor = ([storage, offset, shape, strides]: readonly PickleValue[]): PickleValue => {
    if (!isObject(storage, "storage") || !isSizes([offset ?? null]) || !isSizes(shape) || !isSizes(strides)) {
      throw fail("a tensor must have a storage, an offset, a shape and strides");
    }
    const { size } = storage as TorchStorage;
    // The last value that the view reaches; an empty view reaches none.
    const reach = shape.reduce((sum, length, axis) => sum + (length - 1) * (strides[axis] ?? 0), offset as number);
    if (shape.length !== strides.length || (!shape.includes(0) && reach >= size)) {
      throw fail(`a tensor of shape [${shape.join(", ")}] must lie in its storage of ${size} values`);
    }
    const place: TensorPlace = {
      object: "tensor",
      storage: storage as TorchStorage,
      offset: offset as number,
      shape,
      strides,
    };
    return place;
  };

  const functions: Readonly<Record<string, PickleCallable["call"]>> = {
    "collections.OrderedDict": ([pairs]) => new Map((pairs ?? []) as [PickleValue, PickleValue][]),
    "torch._utils._rebuild_tensor": rebuildTensor,
    "torch._utils._rebuild_tensor_v2": rebuildTensor,
    "torch._utils._rebuild_parameter": ([tensor]) => tensor ?? null,
  };
  const storageOf = (name: string) => (): never => {
    throw fail(`${name} must stand for the type of a storage, not be called`);
  };

  return {
    global(name) {
      if (Object.hasOwn(functions, name)) return { callable: name, call: functions[name]! };
      return Object.hasOwn(storageTypes, name) ? { callable: name, call: storageOf(name) } : undefined;
    },
    persistent(id) {
      const [kind, type, key, , size, view] = Array.isArray(id) ? id : [];
      const name = typeof type === "object" && type !== null && "callable" in type ? type.callable : "";
      const dtype = storageTypes[name];
      if (kind !== "storage" || dtype === undefined || typeof key !== "string" || !isSizes([size ?? null])) {
        throw fail("a storage must have a type, a key and a size");
      }
      if (view !== undefined && view !== null) {
        throw new GanymedeError(
          "unsupported",
          `${who}: views of storages, which PyTorch wrote before 0.4, are not read; save the file again`,
        );
      }
      const storage: TorchStorage = { object: "storage", key, dtype, size: size as number };
      storages.set(key, storage);
      return storage;
    },
  };
}

/** All tensors of nested dicts and lists, by their path (`state_dict.conv.weight`); a container met again is not entered. */
export function tensorPlaces(root: PickleValue): Map<string, TensorPlace> {
  const found = new Map<string, TensorPlace>();
  const seen = new Set<PickleValue>();
  const visit = (value: PickleValue, path: string): void => {
    if (isObject(value, "tensor")) found.set(path, value as unknown as TensorPlace);
    if (!(value instanceof Map || Array.isArray(value)) || seen.has(value)) return;
    seen.add(value);
    for (const [name, child] of value.entries()) visit(child, path === "" ? String(name) : `${path}.${String(name)}`);
  };
  visit(root, "");
  return found;
}
