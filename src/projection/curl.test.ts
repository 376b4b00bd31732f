import assert from "node:assert/strict";
import { test } from "node:test";
import { runOf } from "../views/gallery/data.ts";
import { curlCommands } from "./curl.ts";

test("the command for a run on the same document quotes the file name", () => {
  const args = { media_type: "text/plain", filename: "it's & more.txt" };
  const commands = curlCommands(runOf("SUCCESS", { args, sleep_ms: 5 }), "http://127.0.0.1:4010");
  const again = commands.find(({ label }) => label === "Start a run on the same document")?.command ?? "";
  assert.ok(again.includes("'http://127.0.0.1:4010/runs?sleepMs=5&filename=it%27s+%26+more.txt'"), again);
});
