import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as a collector reads it. */
export type CollectedSpan = Readonly<{
  traceId: string;
  spanId: string;
  /** Empty for the first span of a trace. */
  parentId: string;
  name: string;
  attributes: Readonly<Record<string, string | number>>;
  /** Of the resource, such as `service.name`. */
  resource: Readonly<Record<string, string | number>>;
}>;

/** Takes `POST /v1/traces` as an OpenTelemetry collector does, and decodes the protobuf. */
export async function startCollector(): Promise<
  Readonly<{ url: string; spans: CollectedSpan[] }> & AsyncDisposable
> {
  const spans: CollectedSpan[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const isTraces =
      request.url === "/v1/traces" && request.headers["content-type"] === "application/x-protobuf";
    if (isTraces) spans.push(...decodeRequest(Buffer.concat(parts)));
    response.writeHead(isTraces ? 200 : 404, { "content-type": "application/x-protobuf" }).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** The numbers are those of the fields in opentelemetry/proto/collector/trace/v1 and trace/v1. */
function decodeRequest(bytes: Buffer): CollectedSpan[] {
  return messagesOf(bytes, 1).flatMap((resourceSpans) => {
    const resource = attributesOf(messagesOf(resourceSpans, 1)[0] ?? Buffer.alloc(0), 1);
    return messagesOf(resourceSpans, 2).flatMap((scopeSpans) =>
      messagesOf(scopeSpans, 2).map((span) => ({
        traceId: hexOf(span, 1),
        spanId: hexOf(span, 2),
        parentId: hexOf(span, 4),
        name: messagesOf(span, 5)[0]?.toString("utf8") ?? "",
        attributes: attributesOf(span, 9),
        resource,
      })),
    );
  });
}

function hexOf(message: Buffer, field: number): string {
  return messagesOf(message, field)[0]?.toString("hex") ?? "";
}

/** Of an AnyValue the text (1) and the integer (3). */
function attributesOf(message: Buffer, field: number): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    messagesOf(message, field).map((pair) => {
      const key = messagesOf(pair, 1)[0]?.toString("utf8") ?? "";
      const value = messagesOf(pair, 2)[0] ?? Buffer.alloc(0);
      const number = fieldsOf(value).find(({ field: at }) => at === 3)?.number;
      return [key, number ?? messagesOf(value, 1)[0]?.toString("utf8") ?? ""];
    }),
  );
}

function messagesOf(message: Buffer, field: number): Buffer[] {
  return fieldsOf(message).flatMap((found) => (found.field === field && found.bytes ? [found.bytes] : []));
}

type Field = Readonly<{ field: number; number?: number; bytes?: Buffer }>;

/** The fields of a protobuf message, by their wire types. */
function fieldsOf(message: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const readVarint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(value);
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = readVarint();
    const field = tag >> 3;
    const wireType = tag & 7;
    if (wireType === 0) fields.push({ field, number: readVarint() });
    else if (wireType === 2) fields.push({ field, bytes: take(readVarint()) });
    else if (wireType === 1 || wireType === 5) fields.push({ field, bytes: take(wireType === 1 ? 8 : 4) });
    else throw new Error(`a protobuf field of wire type ${wireType}`);
  }
  return fields;
}
