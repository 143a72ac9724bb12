export type { ErrorCode } from "./ganymede-error.js";
export { GanymedeError } from "./ganymede-error.js";
