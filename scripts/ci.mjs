/** `npm test`: installs what is missing and runs the one verdict. */
import { installPackages, installPrograms, run } from "./bootstrap.mjs";

installPackages();
installPrograms();
process.exit(run("mise", ["run", "ci"]));
