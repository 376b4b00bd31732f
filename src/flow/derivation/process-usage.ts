import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const BYTES_PER_KIB = 1024;

/** Linux counts in hundredths of a second, whatever the clock of its kernel. */
const MS_PER_TICK = 10;

/** The resident memory of a process in bytes; 0 when it has ended, or when the system does not tell. */
export async function readResidentBytes(pid: number): Promise<number> {
  return BYTES_PER_KIB * (await readUsage(pid, { proc: readKibFromProc, ps: readKibFromPs }));
}

/** The processor time that a process has used, in milliseconds; 0 when it has ended, or when the system does not tell. */
export async function readProcessorMs(pid: number): Promise<number> {
  return await readUsage(pid, { proc: readMsFromProc, ps: readMsFromPs });
}

type Reader = (pid: number) => Promise<number>;

async function readUsage(pid: number, { proc, ps }: Readonly<{ proc: Reader; ps: Reader }>): Promise<number> {
  try {
    const usage = process.platform === "linux" ? await proc(pid) : await ps(pid);
    return Number.isNaN(usage) ? 0 : usage;
  } catch {
    return 0;
  }
}

async function readKibFromProc(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]);
}

async function readMsFromProc(pid: number): Promise<number> {
  const [, fields = ""] = /^\d+ \(.*\) (.*)$/s.exec(await readFile(`/proc/${pid}/stat`, "utf8")) ?? [];
  const [user, system] = fields.split(" ").slice(11, 13);
  return (Number(user) + Number(system)) * MS_PER_TICK;
}

async function readKibFromPs(pid: number): Promise<number> {
  return Number.parseInt(await askPs("rss", pid), 10);
}

/** `ps` prints minutes, seconds and hundredths. */
async function readMsFromPs(pid: number): Promise<number> {
  const parts = (await askPs("time", pid)).trim().split(":");
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0) * 1_000;
}

async function askPs(column: string, pid: number): Promise<string> {
  const { stdout } = await promisify(execFile)("ps", ["-o", `${column}=`, "-p", String(pid)]);
  return stdout;
}
