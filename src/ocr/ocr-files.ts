import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { StartFailure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";

export const ENGINE_VERSION = "7.0.0";

/** The engine that results are recorded under. Other builds of it use instructions whose results depend on the processor. */
const ENGINE_FILES = [
  ["tesseract-core-simd-lstm.js", "e48e2f02ddae3716c8dd24bf41cd290d4efa96892d689cdc4013c2545d63f469"],
  ["tesseract-core-simd-lstm.wasm", "34e8d50cac216427d86bf397d610fdd9f49492539bbcdfbfccc4eda20c810bea"],
] as const;

const ENGINE_PACKAGE = "tesseract.js-core";
const DATA_PACKAGES = "@tesseract.js-data";
const DATA_FOLDER = "4.0.0_best_int";

/** The recipe of a bundle may hold any text, and a language becomes a part of the path of a file. */
const LANGUAGES = /^[A-Za-z_]{1,40}(\+[A-Za-z_]{1,40}){0,7}$/;

export type OcrFiles = Readonly<{
  engineCode: string;
  engineWasm: Uint8Array;
  /** The model of each language, unpacked. */
  models: readonly Readonly<{ language: string; bytes: Uint8Array; sha256: string }>[];
}>;

/**
 * Reads the engine and the models of languages, which the program does not contain: from the first folder that has them, else from
 * the npm packages beside this program.
 * @param languages names joined by "+"
 * @throws StartFailure that names what is missing, or is not the engine of this version
 */
export async function readOcrFiles(languages: string, folders: readonly string[]): Promise<OcrFiles> {
  if (!LANGUAGES.test(languages)) throw new StartFailure("OCR has no languages of these names.");
  const [code, wasm] = await Promise.all(
    ENGINE_FILES.map(async ([name, sha256]) => {
      const bytes = await readOcrFile(name, folders, join(ENGINE_PACKAGE, name));
      if (sha256Hex(bytes) === sha256) return bytes;
      throw new StartFailure(
        `${name} is not the one of ${ENGINE_PACKAGE} ${ENGINE_VERSION}, which OCR needs: take the ocr-data of the release of this program.`,
      );
    }),
  );
  const models = await Promise.all(
    languages.split("+").map(async (language) => {
      const name = `${language}.traineddata.gz`;
      const bytes = unpack(
        name,
        await readOcrFile(name, folders, join(DATA_PACKAGES, language, DATA_FOLDER, name)),
      );
      return { language, bytes, sha256: sha256Hex(bytes) };
    }),
  );
  return { engineCode: new TextDecoder().decode(code), engineWasm: wasm ?? new Uint8Array(), models };
}

async function readOcrFile(
  name: string,
  folders: readonly string[],
  inPackages: string,
): Promise<Uint8Array> {
  const places = [...folders.map((folder) => join(folder, name)), findPackageFile(inPackages)];
  for (const place of places) {
    const bytes = place === null ? null : await readFile(place).catch(() => null);
    if (bytes !== null) return bytes;
  }
  throw new StartFailure(
    `JEJAKEKAL_OCR needs ${name}, and it is not in ${folders.join(" or ")}: unpack the ocr-data of the release there, or set JEJAKEKAL_OCR_DATA to its folder.`,
  );
}

/** A file of an npm package that is installed where this program runs from its source; null in the executable. */
function findPackageFile(path: string): string | null {
  const [scope = "", name = ""] = path.split(/[/\\]/);
  const owner = scope.startsWith("@") ? `${scope}/${name}` : scope;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${owner}/package.json`);
    return join(dirname(manifest), path.slice(owner.length));
  } catch {
    return null;
  }
}

function unpack(name: string, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new StartFailure(`${name} is damaged: it cannot be unpacked.`, { cause });
  }
}
