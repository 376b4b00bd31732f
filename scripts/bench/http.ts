export async function postRun(apiUrl: string, body: Record<string, unknown>): Promise<string> {
  const response = await fetch(`${apiUrl}/runs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { run_id: string };
  if (response.status !== 202) throw new Error(`POST /runs answered ${response.status}`);
  return answer.run_id;
}

export type PolledRun = Readonly<{
  status: string;
  dbos_status: string;
  timeline: readonly { function_name: string }[];
}>;

/** Polls a run until `isSo`, as a client would. */
export async function pollRun(
  apiUrl: string,
  runId: string,
  isSo: (run: PolledRun) => boolean,
  intervalMs: number,
): Promise<PolledRun> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const run = (await (await fetch(`${apiUrl}/runs/${runId}`)).json()) as PolledRun;
    if (isSo(run)) return run;
    if (performance.now() > deadline) throw new Error(`run ${runId} stays ${run.status}`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
