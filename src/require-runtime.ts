// This module is imported before all others, so that it runs before any module that an older Node cannot load. The
// person who started the program then reads which Node is needed, and not which export is missing.
const OLDEST_NODE = 24;

const [major = "0"] = process.versions.node.split(".");
if (process.versions.bun === undefined && Number(major) < OLDEST_NODE) {
  process.stderr.write(
    `jejakekal: this is Node ${process.versions.node}, and the program needs Node ${OLDEST_NODE} or newer.\n`,
  );
  process.exit(1);
}
