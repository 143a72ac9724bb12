import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Folder of downloads and computed statistics: `$GANYMEDE_CACHE`, else the platform's cache folder
 * (`$XDG_CACHE_HOME/ganymede` or `~/.cache/ganymede`, `~/Library/Caches/ganymede`, `%LOCALAPPDATA%\ganymede`).
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (environment.GANYMEDE_CACHE) return environment.GANYMEDE_CACHE;
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "ganymede");
  if (platform === "win32") return join(environment.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "ganymede");
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "ganymede");
}
