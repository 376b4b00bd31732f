import { REVIEW_BELOW } from "../../document/confidence.ts";
import type { Chunk, ChunkIndex } from "../../document/schema.ts";
import { formatCount } from "../../projection/format.ts";
import { windowOf } from "../../projection/step-window.ts";
import type { Place } from "../model.ts";
import { Pages } from "./pages.tsx";

const CHUNKS_PER_PAGE = 50;

type ChunksProps = Readonly<{ index: ChunkIndex; runId: string; artifactId: string; place: Place }>;

/** The retrieval chunks of the document, one card per chunk. */
export function Chunks({ index, runId, artifactId, place }: ChunksProps): JSX.Element {
  const { chunks, params } = index;
  const window = windowOf(chunks.length, place.at ?? 0, CHUNKS_PER_PAGE);
  const tokens = chunks.reduce((sum, chunk) => sum + chunk.tokens, 0);
  return (
    <>
      <p class="summary" safe>
        {[
          formatCount(chunks.length, "chunk"),
          formatCount(tokens, "token"),
          `at most ${params.maxTokens} each`,
          params.tokenizer,
        ].join(" · ")}
      </p>
      <Pages
        artifactId={artifactId}
        total={chunks.length}
        from={window.from}
        size={CHUNKS_PER_PAGE}
        noun="chunk"
      />
      <ol class="cards">
        {chunks.slice(window.from, window.to).map((chunk) => (
          <Card chunk={chunk} runId={runId} maxTokens={params.maxTokens} />
        ))}
      </ol>
    </>
  );
}

const MAX_CARD_UNITS = 1_200;

type CardProps = Readonly<{ chunk: Chunk; runId: string; maxTokens: number }>;

function Card({ chunk, runId, maxTokens }: CardProps): JSX.Element {
  const shown = chunk.text.slice(0, MAX_CARD_UNITS).toWellFormed();
  return (
    <li class="card" id={chunk.id}>
      <p class="card-head">
        <span class="card-number" safe>
          {String(chunk.ord + 1)}
        </span>
        <span dir="auto" safe>
          {chunk.headingPath.join(" › ")}
        </span>
        <span class="card-tokens">
          <progress
            max={String(maxTokens)}
            value={String(Math.min(chunk.tokens, maxTokens))}
            aria-label="Share of the token limit"
          />{" "}
          <span safe>{formatCount(chunk.tokens, "token")}</span>
        </span>
      </p>
      <p class="card-text" dir="auto" safe>
        {chunk.text.length > MAX_CARD_UNITS
          ? `${shown} … ${formatCount(chunk.text.length - MAX_CARD_UNITS, "more character")}`
          : shown}
      </p>
      <CardFoot chunk={chunk} runId={runId} />
    </li>
  );
}

function CardFoot({ chunk, runId }: Omit<CardProps, "maxTokens">): JSX.Element {
  return (
    <p class="card-foot">
      <a href={`/artifacts/${runId}:docir?span=${chunk.span[0]}-${chunk.span[1]}#cited`}>
        show in the document
      </a>
      <code safe>{chunk.id}</code>
      {chunk.minConfidence < REVIEW_BELOW ? (
        <span class="mark" data-tone="warn" safe>
          {`${Math.round(chunk.minConfidence * 100)} % confidence`}
        </span>
      ) : (
        ""
      )}
      {chunk.dupOf === undefined ? (
        ""
      ) : (
        <span class="mark" data-tone="plain">
          same as{" "}
          <a href={`#${chunk.dupOf}`}>
            <code safe>{chunk.dupOf}</code>
          </a>
        </span>
      )}
    </p>
  );
}
