/** What of npm packages is in a bundle, by the comments that Bun puts before each module. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The modules in a bundle that their packages export for development only: with assertions, and so not the code that the source
 * runs with. Paths from the root of the repository.
 * @param bundleFolder the files of the bundle: the entry point and what it imports on demand
 */
export function listDevelopmentModules(root: string, bundleFolder: string): readonly string[] {
  const files = readdirSync(bundleFolder).filter((name) => name.endsWith(".mjs"));
  const modules = files.flatMap((name) => [
    ...readFileSync(join(bundleFolder, name), "utf8").matchAll(
      /^\/\/ (node_modules\/(?:@[^/\n]+\/)?[^/\n]+)\/(.+)$/gm,
    ),
  ]);
  return modules.flatMap(([, folder = "", path = ""]) =>
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
