import { createRequire } from "node:module";
import { compileFunction } from "node:vm";
import type { GreyPicture, OcrEngine, OcrLine, PictureFile } from "../document/ocr/engine.ts";
import { readEngineJson } from "../document/ocr/engine-json.ts";
import { RunFailure } from "../failure.ts";
import { ENGINE_VERSION, type OcrFiles } from "./ocr-files.ts";

/** The part of the C++ API of tesseract that is used. A return value of `Init` other than 0 is a failure. */
type Api = Readonly<{
  Init(folder: string | null, languages: string, engineMode: number): number;
  SetPageSegMode(mode: number): void;
  SetImageFile(): void;
  SetSourceResolution(dpi: number): void;
  Recognize(monitor: null): number;
  GetJSONText(): string;
  End(): void;
}>;

type Module = Readonly<{
  TessBaseAPI: new () => Api;
  FS: Readonly<{ writeFile(path: string, bytes: Uint8Array): void; unlink(path: string): void }>;
  destroy(api: Api): void;
}>;

type ModuleFactory = (given: Readonly<Record<string, unknown>>) => Promise<Module>;

/** Neural networks alone, for which the data of languages is made. */
const LSTM_ONLY = 1;

/** Finds columns and blocks, and no turned pages. */
const AUTOMATIC_SEGMENTATION = 3;

/** Where `SetImageFile` reads from, in the file system of the engine. */
const INPUT = "/input";

/**
 * Starts tesseract for one document: what it has read has no influence on the next document.
 * @throws RunFailure FAILED_DOCUMENT when the data is not usable
 */
export async function startTesseract(files: OcrFiles): Promise<OcrEngine> {
  const { engineCode, engineWasm, models } = files;
  const module = await loadModule(engineCode)({
    wasmBinary: engineWasm,
    print: () => undefined,
    printErr: () => undefined,
  });
  for (const { language, bytes } of models) module.FS.writeFile(`${language}.traineddata`, bytes);
  const languages = models.map(({ language }) => language).join("+");
  const api = new module.TessBaseAPI();
  if (api.Init(null, languages, LSTM_ONLY) !== 0) {
    throw new RunFailure("FAILED_DOCUMENT", { cause: new Error(`OCR cannot use its data for ${languages}`) });
  }
  api.SetPageSegMode(AUTOMATIC_SEGMENTATION);
  return {
    recipe: recipeOf(files),
    read: (picture) => readPicture(module, api, picture),
    close: () => {
      api.End();
      module.destroy(api);
    },
  };
}

/** The version of the engine, the languages, and the sha256 of the data of each. */
function recipeOf({ models }: OcrFiles): OcrEngine["recipe"] {
  const ocr = models.map(({ language }) => language).join("+");
  const ocrData = models.map(({ sha256 }) => sha256).join("+");
  return { params: { ocr, ocrData }, libs: { "tesseract.js-core": ENGINE_VERSION } };
}

/** The checked bytes are what is run: no file is read a second time. */
function loadModule(code: string): ModuleFactory {
  const module: { exports: unknown } = { exports: {} };
  const define = compileFunction(code, ["module", "exports", "require", "__dirname", "__filename"]);
  define(module, module.exports, createRequire(import.meta.url), "/", "/tesseract.js");
  return module.exports as ModuleFactory;
}

function readPicture(module: Module, api: Api, picture: GreyPicture | PictureFile): OcrLine[] {
  return readEngineJson(recognize(module, api, picture));
}

function recognize(module: Module, api: Api, picture: GreyPicture | PictureFile): string {
  try {
    module.FS.writeFile(INPUT, "file" in picture ? picture.file : asPgm(picture));
    api.SetImageFile();
    module.FS.unlink(INPUT);
    api.SetSourceResolution(picture.dpi);
    if (api.Recognize(null) === 0) return api.GetJSONText();
  } catch (cause) {
    // The engine ends by an error of WebAssembly when its memory is full.
    throw new RunFailure("FAILED_TOO_LARGE", { cause });
  }
  throw new RunFailure("FAILED_CORRUPT");
}

/** Netpbm's grey format: a header and the pixels. */
function asPgm({ width, height, grey }: GreyPicture): Uint8Array {
  const header = new TextEncoder().encode(`P5\n${width} ${height}\n255\n`);
  const file = new Uint8Array(header.length + grey.length);
  file.set(header);
  file.set(grey, header.length);
  return file;
}
