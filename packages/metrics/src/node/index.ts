export type { DownloadInceptionOptions } from "./download-inception.js";
export { downloadInception } from "./download-inception.js";
export type { FindInceptionOptions, FoundInception } from "./find-inception.js";
export { findInception } from "./find-inception.js";
export { officialInception } from "./inception-file.js";
export type { CachedStatistics, StatisticsKey } from "./statistics-cache.js";
export { cachedStatistics } from "./statistics-cache.js";
export { readMoments, writeMoments } from "./statistics-file.js";
