/** Prints the time zone of this process and the sha256 of the zip file of the run of `bundleOf`, for tests on other runtimes. */

import { createHash } from "node:crypto";
import { zipBundle } from "../files/zip-writer.ts";
import { bundleOf } from "./bundles.ts";

const { entries } = await bundleOf();
const hash = createHash("sha256");
for await (const part of await zipBundle(entries)) hash.update(part);
console.log(Intl.DateTimeFormat().resolvedOptions().timeZone, hash.digest("hex"));
