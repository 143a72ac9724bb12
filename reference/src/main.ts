// `npm run api`: writes the API reference of every entry point as pages of HTML.
import { join, relative } from "node:path";
import { convert } from "./convert.js";
import { root } from "./entry-points.js";

const out = join(root, "docs", "api");
const { app, project, warnings } = await convert();
await app.generateDocs(project, out);
for (const warning of warnings) process.stderr.write(`${warning}\n`);
process.stdout.write(`${relative(process.cwd(), join(out, "index.html"))}\n`);
