import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, posix } from "node:path";
import { withUmask } from "../umask.ts";

/** One file or link of the Postgres distribution; `path` is relative to its folder and uses `/`. */
export type NativeFile =
  | { readonly kind: "file"; readonly path: string; readonly mode: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

/** Needed to compile against Postgres but not to run it: 4 MB of static libraries, makefiles and ecpg. */
const NOT_NEEDED =
  /\.a$|(^|\/)(pkgconfig|pgxs|include|doc|man)\/|^lib\/lib(ecpg|pgtypes)|^pg-symlinks\.json$/;

/**
 * The files of an npm package's `native` folder that a running Postgres needs, sorted by path.
 *
 * npm packages cannot hold symbolic links: `pg-symlinks.json` lists them, and the package's postinstall script makes them
 * unless npm ran with `--ignore-scripts`. Both are read here. Modes are 755 or 644, whatever npm's umask was.
 */
export function listNativeFiles(nativeDir: string): NativeFile[] {
  const byPath = new Map<string, NativeFile>();
  for (const file of [...readListedLinks(nativeDir), ...walk(nativeDir)]) {
    if (!NOT_NEEDED.test(file.path)) byPath.set(file.path, file);
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function walk(nativeDir: string): NativeFile[] {
  return readdirSync(nativeDir, { recursive: true, encoding: "utf8" }).flatMap((path): NativeFile[] => {
    const full = join(nativeDir, path);
    const stats = lstatSync(full);
    if (stats.isSymbolicLink()) return [{ kind: "link", path, target: readlinkSync(full) }];
    if (stats.isFile()) return [{ kind: "file", path, mode: stats.mode & 0o100 ? 0o755 : 0o644 }];
    return [];
  });
}

function readListedLinks(nativeDir: string): NativeFile[] {
  const listed: unknown = JSON.parse(readFileSync(join(nativeDir, "pg-symlinks.json"), "utf8"));
  if (!Array.isArray(listed)) return [];
  return listed.map(({ source, target }: { source: string; target: string }) => ({
    kind: "link",
    path: posix.relative("native", target),
    target: posix.relative(posix.dirname(target), source),
  }));
}

/**
 * Creates `files` in the folder `dir`; `writeContent` writes the content of the file with that path to `to`.
 * Synchronous, because a thousand small files take a third of the time that way and a first start has no other work.
 */
export function createNativeFiles(
  dir: string,
  files: readonly NativeFile[],
  writeContent: (path: string, to: string) => void,
): void {
  const folders = new Set(files.map(({ path }) => dirname(join(dir, path))));
  withUmask(0o022, () => {
    for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o755 });
  });
  for (const file of files) {
    const to = join(dir, file.path);
    if (file.kind === "link") {
      symlinkSync(file.target, to);
    } else {
      writeContent(file.path, to);
      chmodSync(to, file.mode);
    }
  }
}
