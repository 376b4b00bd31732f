/** Bytes that are read part by part, such as a file. */
export type ByteSource = Readonly<{
  /** Reads from the byte `at` into `buffer`. Returns how many bytes it read: fewer than asked for at the end only. */
  read(buffer: Uint8Array, at: number): number;
}>;

/** Where bytes are not canonical JSON, and why. `offset` counts bytes. */
export type CanonicalFault = Readonly<{ offset: number; reason: string }>;

/** An element of an array that is a member of the whole value, with its own member `id`. */
export type FoundElement = Readonly<{ id: string; index: number; start: number; end: number }>;

/** A byte of a string at which a character or an escape begins, and how many UTF-16 units are before it. */
export type StringMark = Readonly<{ at: number; unit: number }>;

/** Where something is in the bytes: from `start` to before `end`. */
export type Place = Readonly<{ start: number; end: number }>;

/** An object, and within it the value of its member `cite`; null when it has none. */
export type CitingPlace = Place & Readonly<{ cite: Place | null }>;

/** Where a value is in the bytes. */
export type MemberPlace = Readonly<{
  start: number;
  end: number;
  /** Of an array, where citations were asked for: its elements that are objects. */
  citing: readonly CitingPlace[];
  /** Of an array: the elements whose id was asked for. */
  found: readonly FoundElement[];
  /** Of a string: its beginning, and a place every few kB after it. */
  marks: readonly StringMark[];
}>;

/** `members`: of a value that is an object, its members. A reader can so parse those that it needs, and leave out the others. */
export type CanonicalScan = Readonly<{
  fault: CanonicalFault | null;
  members: ReadonlyMap<string, MemberPlace>;
  /** Of a value that is an array, where places were asked for: its elements. */
  elements: readonly Place[];
}>;

/** What a scan is to find beside the members. */
export type Wanted = Readonly<{
  /** In arrays that are members, the elements with one of these ids. */
  ids?: ReadonlySet<string>;
  /** The places of all citations: of the elements of arrays that are members, each with its own member `cite`, and the elements of a whole array. */
  citations?: boolean;
}>;

/** How much of the bytes is in memory at a time. */
const WINDOW_BYTES = 256 * 1024;

/**
 * Checks that bytes are canonical JSON (RFC 8785) in UTF-8 and one newline, without building the value: several times as fast as
 * parsing, in memory that does not depend on their number. Strictly ascending keys rule out duplicates.
 */
export function scanCanonical(
  source: ByteSource,
  wanted: Wanted = {},
  windowBytes = WINDOW_BYTES,
): CanonicalScan {
  const scanner = new Scanner(source, wanted, windowBytes);
  try {
    scanner.scanDocument();
    return { fault: null, members: scanner.members, elements: scanner.elements };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { fault: { offset: error.offset, reason: error.message }, members: new Map(), elements: [] };
  }
}

/** A source of bytes that are in memory. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    read(buffer, at) {
      const part = bytes.subarray(at, at + buffer.length);
      buffer.set(part);
      return part.length;
    },
  };
}

class Fault extends Error {
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

/** Deeper values are refused, so that the recursion ends. */
const MAX_DEPTH = 400;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const [COMMA, COLON, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [
  0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d,
];
const [LOWER_D, LOWER_I] = [0x64, 0x69];
const [MINUS, PLUS, POINT, ZERO, NINE, LOWER_E] = [0x2d, 0x2b, 0x2e, 0x30, 0x39, 0x65];

/** An integer of so many characters is spelled as JavaScript spells it. */
const MAX_PLAIN_INTEGER_LENGTH = 15;

/** A decimal fraction in so many characters is spelled as JavaScript spells it, unless it begins or ends with a zero too many. */
const MAX_PLAIN_FRACTION_LENGTH = 8;

/** More than the longest number that JavaScript writes. */
const MAX_NUMBER_LENGTH = 40;

const [TRUE, FALSE, NULL] = [Buffer.from("true"), Buffer.from("false"), Buffer.from("null")];

const SHORT_ESCAPES = new Set([...'"\\bfnrt'].map((char) => char.charCodeAt(0)));

/** The escapes of control characters that have no short form. */
const LONG_ESCAPE = /^\\u00(0[0-7be-f]|1[0-9a-f])$/;

/** More than a number, a word or an escape has: so many bytes are in the window before one is read. */
const LOOKAHEAD_BYTES = 64;

/** Longer keys are refused where the file is larger than a window. No file of a bundle has one. */
const MAX_KEY_BYTES = 4 * 1024;

/** Longer ids are not found. */
const MAX_ID_BYTES = 64;

/** The distance of the marks of a string: a reader of a part of it reads so much at least. */
const MARK_BYTES = 2 * 1024;

class Scanner {
  readonly members = new Map<string, MemberPlace>();
  readonly elements: Place[] = [];
  private readonly source: ByteSource;
  private readonly wantedIds: ReadonlySet<string>;
  private readonly findsCitations: boolean;
  private readonly window: Uint8Array;
  /** The same bytes as `window`. */
  private readonly text: Buffer;
  /** The filled part of the window. */
  private bytes: Uint8Array;
  private words: DataView;
  /** The offset in the source of the first byte of the window. */
  private base = 0;
  /** The place in the window. */
  private at = 0;
  private hasMore = true;
  private depth = 0;
  /** By depth, the offset in the source and the length of the last key of the object there, quotes included. */
  private readonly keyStarts = new Float64Array(MAX_DEPTH + 1);
  private readonly keyLengths = new Int32Array(MAX_DEPTH + 1);
  /** By depth, keys that have left the window. */
  private readonly keptKeys: Uint8Array[] = [];
  private readonly keyLookahead: number;
  private readonly markBytes: number;
  private found: FoundElement[] = [];
  private citing: CitingPlace[] = [];
  private cite: Place | null = null;
  private marks: StringMark[] = [];
  /** Whether the value that is scanned is within an element of an array that is a member of the whole value. */
  private isInElement = false;
  private elementId: string | null = null;
  /** The bytes of the string that is scanned that are not units of UTF-16. */
  private surplus = 0;

  constructor(source: ByteSource, { ids = new Set(), citations = false }: Wanted, windowBytes: number) {
    this.source = source;
    this.wantedIds = ids;
    this.findsCitations = citations;
    this.window = new Uint8Array(windowBytes);
    this.text = Buffer.from(this.window.buffer);
    this.keyLookahead = Math.min(LOOKAHEAD_BYTES + MAX_KEY_BYTES, windowBytes / 2);
    this.markBytes = Math.min(MARK_BYTES, windowBytes / 2);
    this.bytes = this.window.subarray(0, 0);
    this.words = new DataView(this.window.buffer, 0, 0);
  }

  scanDocument(): void {
    this.scanValue();
    this.prepare(LOOKAHEAD_BYTES);
    if (this.bytes[this.at] !== NEWLINE) this.fail("a newline is expected after the value");
    this.at += 1;
    if (this.at !== this.bytes.length) this.fail("the file goes on after its newline");
  }

  /** Makes so many bytes, or all that are left, available in the window. */
  private prepare(count: number): void {
    if (this.hasMore && this.bytes.length - this.at < count) this.refill();
  }

  private refill(): void {
    const { window, at } = this;
    this.keepKeys();
    const kept = this.bytes.length - at;
    window.copyWithin(0, at, this.bytes.length);
    this.base += at;
    this.at = 0;
    const count = this.source.read(window.subarray(kept), this.base + kept);
    this.hasMore = count === window.length - kept;
    this.bytes = window.subarray(0, kept + count);
    this.words = new DataView(window.buffer, 0, kept + count);
  }

  /** Copies the keys of the objects that are not at their end yet, for the comparison with those that follow. */
  private keepKeys(): void {
    for (let depth = 1; depth <= this.depth; depth += 1) {
      const start = (this.keyStarts[depth] ?? 0) - this.base;
      if (start >= 0) this.keptKeys[depth] = this.bytes.slice(start, start + (this.keyLengths[depth] ?? 0));
    }
  }

  private scanValue(): void {
    this.prepare(LOOKAHEAD_BYTES);
    const byte = this.bytes[this.at];
    if (byte === QUOTE) this.scanString();
    else if (byte === OPEN_BRACE) this.scanObject();
    else if (byte === OPEN_BRACKET) this.scanArray();
    else if (byte === 0x74) this.scanWord(TRUE);
    else if (byte === 0x66) this.scanWord(FALSE);
    else if (byte === 0x6e) this.scanWord(NULL);
    else this.scanNumber();
  }

  private scanObject(): void {
    this.enter();
    const { depth } = this;
    this.keyLengths[depth] = 0;
    for (let isFirst = true; ; isFirst = false) {
      this.prepare(this.keyLookahead);
      if (this.bytes[this.at] === CLOSE_BRACE) break;
      if (!isFirst) this.expect(COMMA, "a comma or } is expected");
      this.scanKey(depth, isFirst);
      this.expect(COLON, "a colon is expected after a key");
      if (depth === 3 && this.isInElement) this.readElementId();
      const valueStart = this.base + this.at;
      const isCitation =
        depth === 3 && this.isInElement && this.findsCitations && this.keyAt(depth) === "cite";
      this.scanValue();
      if (isCitation) this.cite = { start: valueStart, end: this.base + this.at };
      if (depth === 1) this.addMember(this.keyAt(depth), valueStart);
    }
    this.leave();
  }

  private scanKey(depth: number, isFirst: boolean): void {
    const start = this.at;
    if (this.bytes[start] !== QUOTE) this.fail("a key is expected");
    this.scanString(true);
    if (!isFirst && !this.isAscending(start, this.at)) {
      this.at = start;
      this.fail("the key does not come after the key before it");
    }
    this.keyStarts[depth] = this.base + start;
    this.keyLengths[depth] = this.at - start;
  }

  /** Called after the colon of a member of an element: keeps its id. */
  private readElementId(): void {
    const key = this.at - 5;
    if (this.keyLengths[3] !== 4 || this.bytes[key + 1] !== LOWER_I || this.bytes[key + 2] !== LOWER_D)
      return;
    this.prepare(LOOKAHEAD_BYTES + MAX_ID_BYTES);
    if (this.bytes[this.at] !== QUOTE) return;
    const start = this.at + 1;
    let end = start;
    while (end - start <= MAX_ID_BYTES && this.bytes[end] !== QUOTE) end += 1;
    const id = this.text.toString("latin1", start, end);
    if (this.wantedIds.has(id)) this.elementId = id;
  }

  private addMember(key: string, start: number): void {
    const { found, marks, citing } = this;
    this.members.set(key, { start, end: this.base + this.at, found, marks, citing });
    this.found = [];
    this.citing = [];
    this.marks = [];
  }

  private scanArray(): void {
    this.enter();
    const isMember = this.depth === 2 && (this.wantedIds.size > 0 || this.findsCitations);
    const isWhole = this.depth === 1 && this.findsCitations;
    for (let index = 0; ; index += 1) {
      this.prepare(LOOKAHEAD_BYTES);
      if (this.bytes[this.at] === CLOSE_BRACKET) break;
      if (index > 0) this.expect(COMMA, "a comma or ] is expected");
      const start = this.base + this.at;
      if (isMember) this.scanElement(index);
      else this.scanValue();
      if (isWhole) this.elements.push({ start, end: this.base + this.at });
    }
    this.leave();
  }

  private scanElement(index: number): void {
    const start = this.base + this.at;
    const isObject = this.bytes[this.at] === OPEN_BRACE;
    this.isInElement = true;
    this.cite = null;
    this.scanValue();
    this.isInElement = false;
    if (this.findsCitations && isObject) {
      this.citing.push({ start, end: this.base + this.at, cite: this.cite });
    }
    if (this.elementId === null) return;
    this.found.push({ id: this.elementId, index, start, end: this.base + this.at });
    this.elementId = null;
  }

  private expect(byte: number, reason: string): void {
    if (this.bytes[this.at] !== byte) this.fail(reason);
    this.at += 1;
  }

  private enter(): void {
    this.at += 1;
    this.depth += 1;
    if (this.depth > MAX_DEPTH) this.fail("the value is nested too deeply");
  }

  private leave(): void {
    this.at += 1;
    this.depth -= 1;
  }

  /** @param isKey the string must be in the window as a whole */
  private scanString(isKey = false): void {
    const start = this.base + this.at + 1;
    this.surplus = 0;
    const isMember = this.depth === 1 && !isKey;
    if (isMember) this.marks.push({ at: start, unit: 0 });
    this.at += 1;
    for (let nextMark = start + this.markBytes; ; ) {
      const at = this.plainEnd(this.at);
      this.at = at;
      const byte = this.bytes[at];
      if (byte === QUOTE) break;
      if (isMember && this.base + at >= nextMark) {
        this.marks.push({ at: this.base + at, unit: this.base + at - start - this.surplus });
        nextMark = this.base + at + this.markBytes;
      }
      if (this.hasMore && !isKey && this.bytes.length - at < LOOKAHEAD_BYTES) this.refill();
      else if (byte === undefined) {
        this.fail(isKey && this.hasMore ? "the key is too long" : "the string does not end");
      } else if (byte === BACKSLASH) this.skipEscape();
      else if (byte >= 0x80) this.skipCharacter(byte);
      else if (byte >= 0x20) this.at += 1;
      else this.fail("a control character is not escaped");
    }
    this.at += 1;
  }

  /** Skips characters that need no check, four bytes at a time, up to the next mark; at most three of them are left. */
  private plainEnd(from: number): number {
    const { words } = this;
    const last = Math.min(words.byteLength, from + this.markBytes) - WORD_BYTES;
    let at = from;
    while (at <= last && isPlain(words.getInt32(at))) at += WORD_BYTES;
    return at;
  }

  private skipEscape(): void {
    const { at } = this;
    const length = SHORT_ESCAPES.has(this.bytes[at + 1] ?? 0) ? 2 : 6;
    if (length === 6 && !LONG_ESCAPE.test(this.textOf(at, at + length)))
      this.fail("the escape is not the canonical one");
    this.at += length;
    this.surplus += length - 1;
  }

  /** Skips a character of several bytes, by the table of the Unicode standard (3-7): no surrogates, no longer forms. */
  private skipCharacter(first: number): void {
    const { bytes, at } = this;
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    const [low, high] = SECOND_BYTE[first] ?? [0x80, 0xbf];
    const second = bytes[at + 1] ?? 0;
    let isValid = first >= 0xc2 && first <= 0xf4 && second >= low && second <= high;
    for (let index = 2; index < length; index += 1) {
      const byte = bytes[at + index] ?? 0;
      isValid &&= byte >= 0x80 && byte <= 0xbf;
    }
    if (!isValid) this.fail("the bytes are not UTF-8");
    this.at += length;
    // A character of four bytes is two units.
    this.surplus += length === 2 ? 1 : 2;
  }

  private scanNumber(): void {
    const { bytes, at: start } = this;
    const digits = bytes[start] === MINUS ? start + 1 : start;
    let at = digits;
    while (isDigit(bytes[at])) at += 1;
    const integerEnd = at;
    while (isNumberByte(bytes[at])) at += 1;
    this.at = at;
    const startsPlainly = integerEnd > digits && (bytes[digits] !== ZERO || integerEnd === digits + 1);
    if (startsPlainly && at === integerEnd) {
      const isMinusZero = bytes[digits] === ZERO && digits > start;
      if (at - start <= MAX_PLAIN_INTEGER_LENGTH && !isMinusZero) return;
    } else if (startsPlainly && at - start <= MAX_PLAIN_FRACTION_LENGTH && this.isPlainFraction(integerEnd)) {
      return;
    }
    const text = this.textOf(start, Math.min(at, start + MAX_NUMBER_LENGTH));
    if (text !== "" && Number.isFinite(Number(text)) && String(Number(text)) === text) return;
    this.at = start;
    this.fail("a value is expected, spelled in the canonical way");
  }

  /** Whether a point, digits and no zero at the end stand before the place. Up to six places JavaScript writes no exponent. */
  private isPlainFraction(point: number): boolean {
    const { bytes, at } = this;
    if (bytes[point] !== POINT || at === point + 1 || bytes[at - 1] === ZERO) return false;
    for (let index = point + 1; index < at; index += 1) if (!isDigit(bytes[index])) return false;
    return true;
  }

  private scanWord(word: Uint8Array): void {
    for (let index = 0; index < word.length; index += 1) {
      if (this.bytes[this.at + index] !== word[index]) this.fail("a value is expected");
    }
    this.at += word.length;
  }

  /** Compares the last key of the object, quotes included, with the one in the window, by UTF-16 units. */
  private isAscending(start: number, end: number): boolean {
    const { bytes, depth } = this;
    const length = end - start;
    const previousLength = this.keyLengths[depth] ?? 0;
    const previousStart = (this.keyStarts[depth] ?? 0) - this.base;
    const isInWindow = previousStart >= 0;
    const previous = isInWindow ? bytes : (this.keptKeys[depth] ?? bytes);
    const offset = isInWindow ? previousStart : 0;
    const common = previousLength < length ? previousLength : length;
    for (let index = 1; index < common; index += 1) {
      const a = previous[offset + index] ?? 0;
      const b = bytes[start + index] ?? 0;
      if (a >= 0x80 || b >= 0x80 || a === BACKSLASH || b === BACKSLASH) {
        return this.keyAt(depth) < JSON.parse(this.textOf(start, end));
      }
      // The closing quote of a key that the other one continues.
      if (index === previousLength - 1) return length > previousLength;
      if (index === length - 1) return false;
      if (a !== b) return a < b;
    }
    return false;
  }

  /** The last key of the object at this depth. */
  private keyAt(depth: number): string {
    const start = (this.keyStarts[depth] ?? 0) - this.base;
    const length = this.keyLengths[depth] ?? 0;
    return JSON.parse(
      start >= 0
        ? this.textOf(start, start + length)
        : new TextDecoder().decode(this.keptKeys[depth]?.subarray(0, length)),
    );
  }

  private textOf(start: number, end: number): string {
    return new TextDecoder().decode(this.bytes.subarray(start, end));
  }

  private fail(reason: string): never {
    throw new Fault(this.base + this.at, reason);
  }
}

const WORD_BYTES = 4;

/** One byte of a word repeated in all four. */
const EACH = 0x01010101;
const HIGH_BITS = 0x80808080;

/**
 * Whether the four bytes are all ASCII, and none is a quote, a backslash or a control character. A byte below `n` sets its high bit in
 * `word - n * EACH`, and a byte that is `n` is zero in `word ^ n * EACH` (https://graphics.stanford.edu/~seander/bithacks.html).
 */
function isPlain(word: number): boolean {
  const quotes = word ^ (QUOTE * EACH);
  const backslashes = word ^ (BACKSLASH * EACH);
  const found = word | (word - 0x20 * EACH) | (quotes - EACH) | (backslashes - EACH);
  return (found & HIGH_BITS) === 0;
}

/** The second bytes that may follow some first bytes, where these are not 80 to bf. */
const SECOND_BYTE: Readonly<Record<number, readonly [low: number, high: number]>> = {
  224: [0xa0, 0xbf],
  237: [0x80, 0x9f],
  240: [0x90, 0xbf],
  244: [0x80, 0x8f],
};

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function isNumberByte(byte: number | undefined): boolean {
  return isDigit(byte) || byte === POINT || byte === LOWER_E || byte === PLUS || byte === MINUS;
}
