import { releaseServer } from "./server.ts";

await releaseServer();
