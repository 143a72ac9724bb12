// What a command needs before it knows what to do; nothing here loads tensors.
export type { FileChunks, Files } from "./files.js";
export { diskFiles, failureReason } from "./files.js";
