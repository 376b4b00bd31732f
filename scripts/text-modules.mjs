/** Teaches Node what Bun does by itself: `import text from "./file.sql" with { type: "text" }`. For running from source. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** By name and not by attribute: tsx drops the attribute from imports of scripts. */
const TEXT = /\.(?:sql|css|svg|client\.js|min\.js|packed\.txt)$|\/golden\/(?:corpus|expected)\//;

registerHooks({
  resolve(specifier, context, next) {
    if (!TEXT.test(specifier)) return next(specifier, context);
    const isPath = /^\.{0,2}\//.test(specifier);
    const url = isPath
      ? new URL(specifier, context.parentURL).href
      : next(specifier, { ...context, importAttributes: {} }).url;
    return { url, importAttributes: { type: "text" }, shortCircuit: true };
  },
  load(url, context, next) {
    if (!TEXT.test(url)) return next(url, context);
    const text = readFileSync(fileURLToPath(url), "utf8");
    return { format: "module", shortCircuit: true, source: `export default ${JSON.stringify(text)};` };
  },
});
