// The official parser of AsyncAPI, over each file that is named: prints what it finds, as JSON.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const found = {};
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
  found[file] = {
    operations: document?.operations().all().length ?? 0,
    diagnostics: diagnostics.map(({ severity, code, message, path }) => [severity, code, `${message} at ${path.join("/")}`]),
  };
}
console.log(JSON.stringify(found));
