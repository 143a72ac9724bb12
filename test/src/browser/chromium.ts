import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The Chromium that is on this machine: $CHROME_PATH, or where Linux distributions put it. */
export function findChromium(): string | undefined {
  const { CHROME_PATH: named } = process.env;
  return named ?? places.find((path) => existsSync(path));
}

/** Starts it without a window, with WebGPU on its own GPU in software. */
export function startChromium(executablePath: string): Promise<Browser> {
  // Root may not use Chromium's sandbox.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const gpu = ["--enable-unsafe-webgpu", "--enable-features=Vulkan", "--use-webgpu-adapter=swiftshader"];
  return chromium.launch({ executablePath, args: [...sandbox, ...gpu] });
}
