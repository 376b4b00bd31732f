/** What a package may hold. Beyond any of these it is refused with FAILED_TOO_LARGE, before memory is spent on it. */
export const LIMITS = {
  /** Entries of the archive. */
  entries: 20_000,
  /** Of one part, unpacked. */
  partBytes: 192 * 1024 * 1024,
  /** Of all parts that are read, unpacked. Parts that are not read, such as pictures and embedded files, stay packed. */
  totalBytes: 320 * 1024 * 1024,
  /** Unpacked bytes per packed byte, for parts of more than `ratioFromBytes`. */
  ratio: 250,
  ratioFromBytes: 16 * 1024 * 1024,
  /** Elements inside one another. */
  depth: 1_000,
  /** Cells of a workbook that hold something. */
  cells: 1_000_000,
  /** Places of all tables of a workbook, free ones included. */
  places: 4_000_000,
} as const;
