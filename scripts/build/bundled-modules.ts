/** What of npm packages is in a bundle, by the comments that Bun puts before each module. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The modules in a bundle that their packages export for development only: with assertions, and so not the code that the source
 * runs with. Paths from the root of the repository.
 */
export function listDevelopmentModules(root: string, bundlePath: string): readonly string[] {
  const modules = readFileSync(bundlePath, "utf8").matchAll(
    /^\/\/ (node_modules\/(?:@[^/\n]+\/)?[^/\n]+)\/(.+)$/gm,
  );
  return [...modules].flatMap(([, folder = "", path = ""]) =>
    developmentFoldersOf(root, folder).some((prefix) => path.startsWith(prefix)) ? [`${folder}/${path}`] : [],
  );
}

const foldersByPackage = new Map<string, readonly string[]>();

/** The folders that the condition `development` of a package's exports leads to, such as `dev/`. */
function developmentFoldersOf(root: string, folder: string): readonly string[] {
  const known = foldersByPackage.get(folder);
  if (known !== undefined) return known;
  const { exports } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const targets = JSON.stringify(exports ?? {}).matchAll(/"development":"\.\/([^/"]+\/)/g);
  const found = [...new Set([...targets].map(([, target = ""]) => target))];
  foldersByPackage.set(folder, found);
  return found;
}
