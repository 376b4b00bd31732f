import { overviewViewOf } from "../../projection/overview-view.ts";
import { jsonReply } from "../reply.ts";
import type { Services } from "./services.ts";

/** `GET /overview`: how many runs there are in each state, which wait longest, which failed last, and how long steps take. */
export async function showOverview({ store }: Services): Promise<Response> {
  return jsonReply(overviewViewOf(await store.readOverview()));
}
