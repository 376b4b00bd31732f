/** `npm test`: the one verdict, by the name that everybody else calls it by. */
import { installPackages, run } from "./bootstrap.mjs";

// The task runner is among the packages.
installPackages();
process.exit(run("mise", ["run", "ci"]));
