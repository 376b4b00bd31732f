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
  /** The licence from a major version on, where it was changed. */
  later?: Readonly<{ major: number; licence: string; licenceFile: string }>;
}>;

const SIGNATURES: readonly Signature[] = [
  {
    name: "openssl",
    file: /^lib(crypto|ssl)\./,
    licence: "OpenSSL",
    version: /OpenSSL (\d+\.\d+\.\d+[a-z]*)/,
    versionIn: "bytes",
    later: { major: 3, licence: "Apache-2.0", licenceFile: "apache-2.0.txt" },
  },
  {
    name: "icu",
    file: /^libicu\w+\./,
    licence: "Unicode-DFS-2016",
    version: /\.(\d+\.\d+)/,
    versionIn: "file name",
    later: { major: 74, licence: "Unicode-3.0", licenceFile: "icu-3.txt" },
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
    file: /^libossp-uuid\./,
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
  {
    name: "lz4",
    file: /^liblz4\./,
    licence: "BSD-2-Clause",
    version: /\.(\d+\.\d+\.\d+)\./,
    versionIn: "file name",
  },
  {
    name: "zstd",
    file: /^libzstd\./,
    licence: "BSD-3-Clause",
    version: /\.(\d+\.\d+\.\d+)\./,
    versionIn: "file name",
  },
  // These do not say their version; it is that of their interface.
  {
    name: "krb5",
    file: /^lib(com_err|gssapi_krb5|k5crypto|krb5|krb5support)\./,
    licence: "MIT",
    version: /^libkrb5\.(\d+\.\d+)\./,
    versionIn: "file name",
  },
  {
    name: "libuuid",
    file: /^libuuid\./,
    licence: "BSD-3-Clause",
    version: /\.(\d+\.\d+)\./,
    versionIn: "file name",
  },
  {
    name: "libedit",
    file: /^libedit\./,
    licence: "BSD-3-Clause",
    version: /\.(\d+)\./,
    versionIn: "file name",
  },
  {
    name: "libiconv",
    file: /^libiconv\./,
    licence: "LGPL-2.1-or-later",
    version: /\.(\d+)\./,
    versionIn: "file name",
  },
  {
    name: "libintl",
    file: /^libintl\./,
    licence: "LGPL-2.1-or-later",
    version: /\.(\d+)\./,
    versionIn: "file name",
  },
];

/** Made from Postgres's own source. */
const POSTGRES_OWN = /^lib(pq|pqwalreceiver|pq-oauth-\d+)\./;

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
  const { name, later } = signature;
  const versions = files.flatMap((path) => versionOf(nativeDir, signature, path) ?? []);
  const [version] = versions;
  if (version === undefined) throw new Error(`No version found in ${files.join(", ")}`);
  const { licence, licenceFile } =
    later !== undefined && Number.parseInt(version, 10) >= later.major
      ? later
      : { licence: signature.licence, licenceFile: `${name}.txt` };
  return { name, version: dotted(version), licence, licenceFile, files };
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
