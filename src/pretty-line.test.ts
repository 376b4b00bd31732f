import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog } from "./log.ts";
import { prettyLine } from "./pretty-line.ts";

test("a line of the log is readable by a person, with the same content", () => {
  const lines: string[] = [];
  const log = createLog({ level: "info", stream: { write: (line) => void lines.push(prettyLine(line)) } });
  log.runFailed({ runId: "r1", error: new Error("no\nroom") });
  assert.match(
    lines.join(""),
    /^\d\d:\d\d:\d\d\.\d\d\d warn {2}run failed runId=r1 error=\{"name":"Error","message":"no\\nroom"\}\n$/,
  );
});
