/** Recognises the libraries of others that lie beside Postgres, with their versions as the files themselves state them. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { listNativeFiles } from "../../src/postgres/index.ts";

export type NativeLibrary = Readonly<{
  name: string;
  version: string;
  /** An SPDX identifier, or words where SPDX has none. */
  licence: string;
  /** The name of its text in `licences/`. */
  licenceFile: string;
  /** Its paths in the Postgres distribution. */
  files: readonly string[];
}>;

type Signature = Readonly<{
  name: string;
  file: RegExp;
  licence: string;
  /** The version out of the library's bytes, read as Latin-1, or out of its file name. */
  version: RegExp;
  versionIn: "bytes" | "file name";
}>;

const SIGNATURES: readonly Signature[] = [
  {
    name: "openssl",
    file: /^lib(crypto|ssl)\./,
    licence: "OpenSSL",
    version: /OpenSSL (\d+\.\d+\.\d+[a-z]*)/,
    versionIn: "bytes",
  },
  {
    name: "icu",
    file: /^libicu\w+\./,
    licence: "Unicode-DFS-2016",
    version: /\.(\d+\.\d+)/,
    versionIn: "file name",
  },
  {
    name: "libxml2",
    file: /^libxml2\./,
    licence: "MIT",
    version: /(?<!\d)(2\d{4})(?:-\w+)?\0/,
    versionIn: "bytes",
  },
  {
    name: "libxslt",
    file: /^libxslt\./,
    licence: "MIT",
    version: /\0(1\d{4})(?:-\w+)?\0/,
    versionIn: "bytes",
  },
  {
    name: "xz",
    file: /^liblzma\./,
    licence: "Public domain",
    version: /\0(5\.\d+\.\d+)\0/,
    versionIn: "bytes",
  },
  {
    name: "ossp-uuid",
    file: /^lib(ossp-)?uuid\./,
    licence: "ISC",
    version: /OSSP uuid (\d+\.\d+\.\d+)/,
    versionIn: "bytes",
  },
  {
    name: "zlib",
    file: /^libz\./,
    licence: "Zlib",
    version: /deflate (\d+\.\d+[.\d]*) /,
    versionIn: "bytes",
  },
];

/** Made from Postgres's own source. */
const POSTGRES_OWN = /^lib(pq|pqwalreceiver)\./;

const SHARED_LIBRARY = /^lib\/[^/]+\.(so|dylib)(\.|$)/;

/** The shared libraries that the build takes out of a Postgres distribution, by their paths in it. */
export function listSharedLibraries(nativeDir: string): readonly string[] {
  return listNativeFiles(nativeDir)
    .filter(({ kind, path }) => kind === "file" && SHARED_LIBRARY.test(path))
    .map(({ path }) => path);
}

/** @throws Error that names a library that has no signature here, or a signature that finds no version */
export function identifyLibraries(nativeDir: string): readonly NativeLibrary[] {
  const files = listSharedLibraries(nativeDir).filter((path) => !POSTGRES_OWN.test(basename(path)));
  const unknown = files.filter((path) => !SIGNATURES.some(({ file }) => file.test(basename(path))));
  if (unknown.length > 0) {
    throw new Error(`Libraries without a licence: ${unknown.join(", ")}. Add them to native-libraries.ts.`);
  }
  return SIGNATURES.flatMap((signature) => {
    const own = files.filter((path) => signature.file.test(basename(path)));
    return own.length === 0 ? [] : [describe(nativeDir, signature, own)];
  });
}

function describe(nativeDir: string, signature: Signature, files: readonly string[]): NativeLibrary {
  const { name, licence } = signature;
  const versions = files.flatMap((path) => versionOf(nativeDir, signature, path) ?? []);
  const [version] = versions;
  if (version === undefined) throw new Error(`No version found in ${files.join(", ")}`);
  return { name, version: dotted(version), licence, licenceFile: `${name}.txt`, files };
}

function versionOf(nativeDir: string, { version, versionIn }: Signature, path: string): string | undefined {
  const text = versionIn === "bytes" ? readFileSync(join(nativeDir, path), "latin1") : basename(path);
  return version.exec(text)?.[1];
}

/** libxml2 and libxslt write 2.9.4 as 20904. */
function dotted(version: string): string {
  const digits = /^(\d)(\d\d)(\d\d)$/.exec(version);
  return digits === null ? version : digits.slice(1).map(Number).join(".");
}
