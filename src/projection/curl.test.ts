import assert from "node:assert/strict";
import { test } from "node:test";
import { runOf } from "../views/gallery/data.ts";
import { curlCommands } from "./curl.ts";

test("asking for the same again names the file as it was named, whatever is in its name", () => {
  const args = { media_type: "text/plain", filename: "it's & more.txt" };
  const commands = curlCommands(runOf("SUCCESS", { args, sleep_ms: 5 }), "http://127.0.0.1:4010");
  const again = commands.find(({ label }) => label === "Ask for the same again")?.command ?? "";
  assert.ok(again.includes("'http://127.0.0.1:4010/runs?sleepMs=5&filename=it%27s+%26+more.txt'"), again);
});
