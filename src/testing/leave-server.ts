import { leaveServer } from "./server.ts";

await leaveServer();
