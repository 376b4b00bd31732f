import type { Draft } from "../drafts.ts";

export type NoteKind = "footnote" | "endnote";

/** `number` counts the references of its kind from 1, in the order of the part; `draft` is the note, once it is read. */
export type NoteReference = Readonly<{ kind: NoteKind; id: string; number: number }> & { draft?: Draft };
