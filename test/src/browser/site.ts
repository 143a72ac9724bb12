import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page as Tab } from "playwright-core";
import { build, defaultClientConditions } from "vite";
import type { Page } from "./page.js";

export interface Site {
  /** What a page loads, by its address; files that are no scripts also in the folder `/copies/`, under their own names. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Paths of the modules that its scripts are made of. */
  readonly modules: readonly string[];
}

/** The page's script with everything that it needs, as Vite bundles it without being told anything but where our sources are. */
export async function bundleSite(): Promise<Site> {
  const output = await build({
    configFile: false,
    root: dirname(fileURLToPath(import.meta.url)),
    logLevel: "error",
    resolve: { conditions: ["@ganymede/source", ...defaultClientConditions] },
    build: {
      write: false,
      rolldownOptions: { input: join(dirname(fileURLToPath(import.meta.url)), "page.ts") },
    },
  });
  if (!("output" in output)) throw new Error("bundleSite: Vite must give one bundle");
  const files = new Map<string, string | Uint8Array>();
  const modules: string[] = [];
  for (const file of output.output) {
    files.set(`/${file.fileName}`, file.type === "chunk" ? file.code : file.source);
    if (file.type === "chunk") modules.push(...file.moduleIds);
    else for (const name of file.names) files.set(`/copies/${name}`, file.source);
    if (file.type === "chunk" && file.isEntry) {
      const script = `<script type="module" src="/${file.fileName}"></script>`;
      files.set("/", `<!doctype html><title>page</title>${script}`);
    }
  }
  return { files, modules };
}

const types: Readonly<Record<string, string>> = {
  js: "text/javascript",
  mjs: "text/javascript",
  wasm: "application/wasm",
};

/** Pages with these headers may use threads. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** A tab of the browser with the site in it, and what went wrong there. */
export interface OpenPage {
  readonly errors: readonly string[];
  /** Paths that it asked for. */
  readonly requests: readonly string[];
  /** Calls one of the page's functions. */
  call<Name extends keyof Page>(name: Name, ...args: Parameters<Page[Name]>): ReturnType<Page[Name]>;
  close(): Promise<void>;
}

/**
 * Opens the site. WebGPU is there for secure pages only, and localhost counts as one; nothing listens there.
 *
 * @param options.isolated whether the server sends the headers that threads need.
 */
export async function openSite(
  browser: Browser,
  site: Site,
  { isolated }: { readonly isolated: boolean },
): Promise<OpenPage> {
  const [errors, requests]: [string[], string[]] = [[], []];
  const tab: Tab = await browser.newPage();
  tab.on("pageerror", (error) => errors.push(error.message));
  await tab.route("**/*", (route) => {
    const { pathname } = new URL(route.request().url());
    requests.push(pathname);
    const body = site.files.get(pathname);
    if (body === undefined) return route.fulfill({ status: 404 });
    const contentType = types[pathname.split(".").at(-1)!] ?? "text/html";
    return route.fulfill({ contentType, headers: isolated ? isolation : {}, body: body as string });
  });
  await tab.goto("http://localhost/");
  await tab.waitForFunction("document.title === 'ready'");
  return {
    errors,
    requests,
    call: (name, ...args) =>
      tab.evaluate(`ganymede.${name}(${args.map((arg) => JSON.stringify(arg)).join()})`) as never,
    close: () => tab.close(),
  };
}
