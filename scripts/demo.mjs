/** `npm run demo`. Plain Node 20 without packages: it installs them, then runs the demo on the Bun that is among them. */
import { installPackages, run } from "./bootstrap.mjs";

installPackages();
process.exit(run("bun", ["scripts/demo-run.ts"]));
