import { readFormBody } from "../body.ts";

/** What the command box sends: a text or a file, `sleepMs` as it was typed, and `fields`, all other text fields. */
export type CommandForm = Readonly<{
  cmd: string;
  file: File | null;
  sleepMs: string;
  fields: URLSearchParams;
}>;

/**
 * Reads a form of a page, url-encoded or multipart; null when it cannot be read.
 * @throws Failure `payload_too_large`, `unsupported_media_type`
 */
export async function readCommandForm(request: Request, maxBodyBytes: number): Promise<CommandForm | null> {
  const bytes = await readFormBody(request, maxBodyBytes);
  const contentType = request.headers.get("content-type") ?? "";
  try {
    const form = await new Response(new Uint8Array(bytes), {
      headers: { "content-type": contentType },
    }).formData();
    const text = (name: string) => {
      const value = form.get(name);
      return typeof value === "string" ? value : "";
    };
    const file = form.get("file");
    const fields = new URLSearchParams(
      [...form].flatMap(([name, value]) =>
        typeof value === "string" && name !== "cmd" ? [[name, value]] : [],
      ),
    );
    // Browsers send line ends as CRLF; the text is taken with the LF that was typed.
    const cmd = text("cmd").replaceAll("\r\n", "\n");
    const isFile = file instanceof File && (file.size > 0 || file.name !== "");
    return { cmd, file: isFile ? file : null, sleepMs: text("sleepMs").trim(), fields };
  } catch {
    return null;
  }
}
