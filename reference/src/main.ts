// `npm run api`: writes the API reference of every entry point as pages of HTML, and takes what has a docstring by now out of the list.
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { convert, undocumented, undocumentedList } from "./convert.js";
import { root } from "./entry-points.js";

const out = join(root, "docs", "api");
const { app, project, warnings } = await convert();
const lacking = undocumented(project);
const list = JSON.parse(readFileSync(undocumentedList, "utf8")) as readonly string[];
const left = list.filter((name) => lacking.includes(name));
if (left.length < list.length) writeFileSync(undocumentedList, `${JSON.stringify(left, null, 2)}\n`);
await app.generateDocs(project, out);
for (const warning of warnings) process.stderr.write(`${warning}\n`);
process.stdout.write(`${relative(process.cwd(), join(out, "index.html"))}\n`);
