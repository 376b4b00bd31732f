/** Verifies the bundle at a path, and prints how long that took and the peak memory of this process. Linux only. */
import { readFileSync } from "node:fs";
import { verifyBundle } from "../../src/bundle/verify/verify.ts";
import { withBundle } from "../../src/files/bundle-reader.ts";

const [, , path = ""] = process.argv;
const began = performance.now();
const { verification } = await withBundle(path, (reader) => verifyBundle(reader));
const durationMs = performance.now() - began;
if (verification.outcome !== "sound") throw new Error(`${path} is ${verification.outcome}`);
const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
console.log(JSON.stringify({ durationMs, peakMb: Math.round(Number(kilobytes) / 1024) }));
