import type { Draft } from "../drafts.ts";

export type NoteKind = "footnote" | "endnote";

/**
 * `label` is the number of the reference among those of its kind that have no sign of their own, from 1 in the order of the part; or that
 * sign, once it is read. `draft` is the note, once it is read.
 */
export type NoteReference = Readonly<{ kind: NoteKind; id: string }> & { label: string; draft?: Draft };
