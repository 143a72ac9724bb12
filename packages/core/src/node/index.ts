export type { DownloadOptions, RemoteFile } from "./download.js";
export { download, sha256Of } from "./download.js";
export { fileSource } from "./file-source.js";
