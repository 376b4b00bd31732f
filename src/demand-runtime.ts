/**
 * Comes first of all imports, so that it is done before anything that an older Node does not have. A person who starts the
 * program with one is told so, and not what is missing where.
 */
const OLDEST_NODE = 24;

const [major = "0"] = process.versions.node.split(".");
if (process.versions.bun === undefined && Number(major) < OLDEST_NODE) {
  process.stderr.write(
    `jejakekal: this is Node ${process.versions.node}, and the program needs Node ${OLDEST_NODE} or newer.\n`,
  );
  process.exit(1);
}
