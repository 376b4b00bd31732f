import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { keyIdOf } from "../bundle/dsse.ts";
import { codeOf } from "../error-code.ts";
import { StartFailure } from "../failure.ts";

/** The permissions that other users have on a file. */
const OTHERS = 0o077;

export type NewKey = Readonly<{ keyId: string; privateKeyPath: string; publicKeyPath: string }>;

/**
 * Writes a new Ed25519 key: the private one, which only its owner can read, and beside it the public one, as `<path>.pub`.
 * @throws StartFailure when one of the files is there already, or cannot be written
 */
export async function createSigningKey(path: string): Promise<NewKey> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const publicKeyPath = `${path}.pub`;
  try {
    await writeFile(path, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx" });
    await writeFile(publicKeyPath, publicKey.export({ type: "spki", format: "pem" }), { flag: "wx" });
  } catch (error) {
    const reason = codeOf(error) === "EEXIST" ? "it, or its .pub, is there already" : codeOf(error);
    throw new StartFailure(`The key ${path} cannot be written: ${reason}.`, { cause: error });
  }
  return { keyId: keyIdOf(publicKey), privateKeyPath: path, publicKeyPath };
}

/**
 * The private key of the setting JEJAKEKAL_SIGNING_KEY; null when it is not set.
 * @throws StartFailure when it cannot be read, is no Ed25519 key, or others can read it
 */
export async function findSigningKey(path: string | undefined): Promise<KeyObject | null> {
  if (path === undefined) return null;
  const fail = (reason: string, cause?: unknown) =>
    new StartFailure(`JEJAKEKAL_SIGNING_KEY names ${path}: ${reason}.`, { cause });
  let pem: Buffer;
  try {
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
      throw fail(`other users have permissions on it; run chmod 600 ${path}`);
    }
    pem = await readFile(path);
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    throw fail(`it cannot be read (${codeOf(error)})`, error);
  }
  try {
    const key = createPrivateKey(pem);
    keyIdOf(createPublicKey(key));
    return key;
  } catch (error) {
    throw fail("it holds no Ed25519 private key in PEM form; `jejakekal key new` makes one", error);
  }
}

/** @throws StartFailure when it cannot be read, or is no Ed25519 public key */
export async function readPublicKey(path: string): Promise<KeyObject> {
  try {
    const pem = await readFile(path, "utf8");
    if (pem.includes("PRIVATE KEY")) throw new TypeError("a private key");
    const key = createPublicKey(pem);
    keyIdOf(key);
    return key;
  } catch (error) {
    const reason =
      codeOf(error)?.startsWith("E") === true ? codeOf(error) : "no Ed25519 public key in PEM form";
    throw new StartFailure(`The key ${path} cannot be read: ${reason}.`, { cause: error });
  }
}

/** The keys in the files `*.pub` and `*.pem` of a folder. @throws StartFailure when there is none */
export async function readPublicKeys(folder: string): Promise<readonly KeyObject[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new StartFailure(`The keys in ${folder} cannot be read (${codeOf(error)}).`, { cause: error });
  });
  const paths = names.filter((name) => /\.(pub|pem)$/.test(name)).map((name) => join(folder, name));
  if (paths.length === 0) throw new StartFailure(`There is no key (*.pub, *.pem) in ${folder}.`);
  return Promise.all(paths.sort().map(readPublicKey));
}
