import { UNSPACED_LETTERS } from "../words.ts";

/** The group of what looks like a figure and is none: it is passed over whole, so that no part of it is found. */
export const NOT_A_FIGURE = "other";

const DIGIT = "\\p{Nd}";
const NOT_ZERO = `(?![0０٠۰०๐])${DIGIT}`;
const BLANK = "[ \\u00a0\\u2009\\u202f]";

/** A letter of a script that parts words by blanks, where a digit beside a letter belongs to a name. */
const LETTER = `(?![${UNSPACED_LETTERS}])[\\p{L}\\p{M}]`;

const either = (...alternatives: readonly string[]) => `(?:${alternatives.join("|")})`;
const oneOf = (words: string) => either(...words.split(" ").map((word) => word.replaceAll(".", "\\.")));

/** In lower case, capitalised and in capitals. */
const anyCase = (words: string) =>
  oneOf(
    words
      .split(" ")
      .flatMap((word) => [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()])
      .join(" "),
  );

/** What may not stand before or after a figure: it would be a part of something longer. */
const BEFORE = `(?<!${LETTER}|${DIGIT}|[.:/#^_@-])`;
const AFTER = `(?!${LETTER}|${DIGIT}|[.,:/'’^·](?=${DIGIT})|-(?=${LETTER}|${DIGIT}))`;
const NO_LETTER_BEFORE = `(?<!${LETTER}|${DIGIT})`;
const NO_LETTER_AFTER = `(?!${LETTER}|${DIGIT})`;

/** Thousands by one separator, then a decimal part. */
const GROUPED = either(
  ...["[ ]", "\\u00a0", "\\u2009", "\\u202f", "['’]"].map(
    (separator) =>
      `${NOT_ZERO}${DIGIT}{0,2}(?:${separator}${DIGIT}{3}){1,6}(?!${DIGIT})(?:[.,]${DIGIT}{1,9})?`,
  ),
  `${NOT_ZERO}${DIGIT}{0,2}(?:,${DIGIT}{3}){1,6}(?!${DIGIT})(?:\\.${DIGIT}{1,9})?`,
  `${NOT_ZERO}${DIGIT}{0,2}(?:\\.${DIGIT}{3}){1,6}(?!${DIGIT})(?:,${DIGIT}{1,9})?`,
  `${NOT_ZERO}${DIGIT}?(?:,${DIGIT}{2}){1,5},${DIGIT}{3}(?!${DIGIT})(?:\\.${DIGIT}{1,9})?`,
);

/** Up to three digits before a blank and three more would be the start of a grouped number. */
const PLAIN = either(
  `(?:${DIGIT}|${NOT_ZERO}${DIGIT}{1,2})(?:[.,٫]${DIGIT}{1,9})?(?!${BLANK}${DIGIT}{3}(?!${DIGIT}))`,
  `${NOT_ZERO}${DIGIT}{3,17}(?:[.,٫]${DIGIT}{1,9})?`,
);
const AMOUNT = `${either(GROUPED, PLAIN)}(?!${DIGIT})`;
const SIGN = "[-−+±]?";
const RANGE = `(?:${BLANK}?[–-]${BLANK}?${AMOUNT})?`;
const OPEN_RANGE = `(?:${BLANK}?–${BLANK}?${AMOUNT})?`;

const SCALE = `(?:${BLANK}?${either("thousand", "million", "billion", "trillion", "ribu", "juta", "miliar", "triliun", "[kKmM]", "bn", "mn", "Mio\\.", "Mrd\\.")}${NO_LETTER_AFTER})?`;

/** 12万, 1億2000万, 3.5亿. */
const MYRIADS = `(?:${AMOUNT}[百千万萬億亿兆]{1,2}){1,4}(?:${DIGIT}{1,18})?`;

const TIME_UNIT = `${oneOf("ms s sec secs second seconds min mins minute minutes h hr hrs hour hours d day days week weeks month months year years detik menit jam hari minggu bulan tahun Sekunden Minuten Stunden Tage Wochen Monate Jahre")}${NO_LETTER_AFTER}`;
const DURATION = `${AMOUNT}${BLANK}?${TIME_UNIT}(?:,?${BLANK}?(?:and${BLANK})?${AMOUNT}${BLANK}?${TIME_UNIT}){1,3}`;
const CLOCK_DURATION = `${DIGIT}{1,3}h${DIGIT}{1,2}(?:m|min)?`;

const UNIT = either(
  `${BLANK}?${either("%", "％", "‰", "°[CF]?", "′", "″")}`,
  `${BLANK}?${oneOf("km/h m/s km² m² cm² mm² m³ cm³ dm³ kWh MWh GWh kW MW GW kV V Wh Ah MHz GHz kHz Hz hPa kPa mbar bar dB rpm mph knots kn nmi mm cm dm km µm nm m mi ft yd ha hl ml l L mg µg kg g t lb lbs oz kB KB MB GB TB KiB MiB GiB bytes bits metres meters tonnes tons litres liters percent persen Prozent")}${NO_LETTER_AFTER}`,
  `${BLANK}?${TIME_UNIT}`,
  "(?:公里|千米|海里|公斤|千克|公吨|平方米|立方米|小时|小時|分钟|分鐘|時間|个月|個月|キロ(?:メートル|グラム)?|メートル|グラム|トン|パーセント|[米吨噸年天日人名艘隻只台辆輛件本枚匹头頭秒分度倍次回個个歳岁])",
  `${BLANK}?(?:เปอร์เซ็นต์|กิโลเมตร|กิโลกรัม|เมตร|ตัน|ลำ|คน|วัน|เดือน|ปี|ชั่วโมง|นาที|บาร์เรล)`,
);

const CODE = oneOf(
  "USD EUR GBP IDR JPY AUD CAD CHF SGD MYR CNY RMB INR THB KRW HKD TWD NOK SEK DKK PLN Rp RM Fr.",
);
const CURRENCY = either("(?:US|A|C|S|HK|NT|NZ)?\\$", "[€£¥￥₹₩฿₫₱₽]");
const CURRENCY_WORD = either(
  `${oneOf("euros euro dollars dollar pounds rupiah yuan yen won baht ringgit rupees francs cents")}${NO_LETTER_AFTER}`,
  "(?:美元|欧元|歐元|日元|港元|韩元|人民币|[元圆圓円块塊원]|ドル|ユーロ|ウォン|บาท|ดอลลาร์|ยูโร)",
);
const MONEY = either(
  `(?:${CURRENCY}|${NO_LETTER_BEFORE}${CODE}\\.?|人民币|人民幣)${BLANK}?${either(MYRIADS, `${AMOUNT}${RANGE}`)}${SCALE}(?:${BLANK}?${CURRENCY_WORD})?${AFTER}`,
  `${BEFORE}${either(MYRIADS, `${AMOUNT}${RANGE}`)}${SCALE}${BLANK}?${either(CURRENCY, `${CODE}${NO_LETTER_AFTER}`, CURRENCY_WORD)}`,
);

const NUMBER = either(
  DURATION,
  `${CLOCK_DURATION}${AFTER}`,
  `${MYRIADS}(?:${UNIT})?`,
  `${SIGN}${AMOUNT}${RANGE}${SCALE}${UNIT}`,
  `${SIGN}(?=${DIGIT}{2}|${DIGIT}[.,'’٫]${DIGIT}|${DIGIT}${BLANK}${DIGIT}{3}|${DIGIT}${BLANK}?(?:thousand|million|billion|trillion|ribu|juta|miliar|triliun))${AMOUNT}${OPEN_RANGE}${SCALE}${AFTER}`,
);

const YEAR = `${DIGIT}{4}`;
const MONTH_NUMBER = "(?:0?[1-9]|1[0-2])";
const DAY_NUMBER = "(?:0?[1-9]|[12]\\d|3[01])";
const MONTH = `${oneOf(
  "January February March April May June July August September October November December Januari Februari Maret Mei Juni Juli Agustus Oktober Desember Januar Februar März Mai Dezember janvier février mars avril mai juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sept. Sep. Oct. Nov. Dec. Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec",
)}(?!${LETTER})\\.?`;
const THAI_MONTH =
  "(?:มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม|ม\\.ค\\.|ก\\.พ\\.|มี\\.ค\\.|เม\\.ย\\.|พ\\.ค\\.|มิ\\.ย\\.|ก\\.ค\\.|ส\\.ค\\.|ก\\.ย\\.|ต\\.ค\\.|พ\\.ย\\.|ธ\\.ค\\.)";
const HAN_DIGIT = "[〇零一二三四五六七八九十]";

const TIME = "\\d{2}:?\\d{2}(?::?\\d{2}(?:[.,]\\d{1,9})?)?(?: ?(?:Z|UTC|GMT|[+−-]\\d{2}(?::?\\d{2})?))?";
const DAY = `${DAY_NUMBER}(?:st|nd|rd|th|\\.)?`;

const DATE = either(
  ...["-", "/", "\\."].map(
    (separator) =>
      `${BEFORE}\\d{4}${separator}${MONTH_NUMBER}${separator}${DAY_NUMBER}(?:[T ]${TIME}(?!\\d))?${AFTER}`,
  ),
  `${BEFORE}\\d{8}T${TIME}${AFTER}`,
  ...["-", "/", "\\."].map(
    (separator) =>
      `${BEFORE}${either(`${DAY_NUMBER}${separator}${MONTH_NUMBER}`, `${MONTH_NUMBER}${separator}${DAY_NUMBER}`)}${separator}\\d{4}(?:,? ${TIME}(?!\\d))?${AFTER}`,
  ),
  `${BEFORE}(?:0[1-9]|[12]\\d|3[01])([./])(?:0[1-9]|1[0-2])\\k<shortYear>\\d{2}${AFTER}`.replace(
    "([./])",
    "(?<shortYear>[./])",
  ),
  `${BEFORE}(?:${DAY_NUMBER}\\.?${BLANK}?[–-]${BLANK}?)?${DAY}${BLANK}(?:of${BLANK}|de${BLANK})?${MONTH}(?:,?${BLANK}(?:de${BLANK}|del${BLANK})?${YEAR})?${AFTER}`,
  `${NO_LETTER_BEFORE}${MONTH}${BLANK}${DAY_NUMBER}(?:st|nd|rd|th)?(?:${BLANK}?[–-]${BLANK}?${DAY_NUMBER})?(?:,?${BLANK}${YEAR})?${AFTER}`,
  `${NO_LETTER_BEFORE}${MONTH},?${BLANK}(?:de${BLANK})?${YEAR}${AFTER}`,
  `(?:令和|平成|昭和|大正|明治|民国|民國)${BLANK}?(?:\\p{Nd}{1,3}|元)年(?:${BLANK}?\\p{Nd}{1,2}${BLANK}?月(?:${BLANK}?\\p{Nd}{1,2}${BLANK}?[日号號])?)?`,
  `${BEFORE}\\p{Nd}{1,4}${BLANK}?年${BLANK}?\\p{Nd}{1,2}${BLANK}?月(?:${BLANK}?\\p{Nd}{1,2}${BLANK}?[日号號])?`,
  `${BEFORE}(?:1[5-9]|20)\\d{2}${BLANK}?年(?![间間])`,
  `${BEFORE}\\p{Nd}{1,2}${BLANK}?月${BLANK}?\\p{Nd}{1,2}${BLANK}?[日号號]`,
  `${HAN_DIGIT}{4}年(?:${HAN_DIGIT}{1,2}月(?:${HAN_DIGIT}{1,3}[日号號])?)?`,
  `${HAN_DIGIT}{1,2}月${HAN_DIGIT}{1,3}[日号號]`,
  `${BEFORE}\\d{4}년(?: ?\\d{1,2}월(?: ?\\d{1,2}일)?)?`,
  `${BEFORE}\\d{1,2}월 ?\\d{1,2}일`,
  `${BEFORE}(?:\\p{Nd}{1,2}${BLANK}?)?${THAI_MONTH}(?:${BLANK}?(?:พ\\.ศ\\.|ค\\.ศ\\.)?${BLANK}?\\p{Nd}{4})?`,
);

/** Words before the number of a part of a document, or of a version. */
const REFERENCE = either(
  anyCase(
    "section sections sect. sec. § §§ chapter chapters chap. ch. part parts clause clauses article articles art. paragraph paragraphs para. appendix annex figure figures fig. figs. table tables equation equations eq. eqs. step page pages pp. p. version ver. v. no. nos. nr. rev. bab pasal ayat gambar tabel halaman hlm. kapitel abschnitt abb. tab. seite s. nº № rfc iso din",
  ),
  "#",
);
const REFERENCE_NUMBER = `${DIGIT}{1,9}(?:[.:-]${DIGIT}{1,9}){0,8}[a-z]?${NO_LETTER_AFTER}`;

const OTHER = either(
  "[a-z][a-z+.-]{1,9}://[^\\s<>]{1,2000}",
  `${NO_LETTER_BEFORE}${REFERENCE}\\s?${REFERENCE_NUMBER}(?:\\s?(?:,|–|-|and|to|bis|und|dan)\\s?${REFERENCE_NUMBER}){0,9}`,
  `(?:第${BLANK}?\\p{Nd}{1,6}(?:[.．-]\\p{Nd}{1,4}){0,4}${BLANK}?[章节節条條項项页頁卷巻部表図图圖号號]|[図图圖表]${BLANK}?\\p{Nd}{1,4}(?:[.．-]\\p{Nd}{1,4}){0,4})`,
  `(?<=^|\\n)[ \\t]*(?:${DIGIT}{1,3}(?:\\.${DIGIT}{1,3}){1,5}[.)]?[ ]+(?=\\p{Lu}|[${UNSPACED_LETTERS}])|\\(?${DIGIT}{1,3}(?:\\.${DIGIT}{1,3}){0,5}[.)][ \\t]+)`,
  `${BEFORE}(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:[:/]\\d{1,5})?(?![\\d.])`,
  `\\+${DIGIT}{1,3}(?:[ ().-]{1,2}${DIGIT}{1,5}){2,6}`,
  `\\(?\\+?0${DIGIT}{1,4}\\)?(?:[ /-]${DIGIT}{2,8}){1,5}`,
  `${BEFORE}${DIGIT}{4}(?: ${DIGIT}{4}){2,}`,
  `${BEFORE}${DIGIT}{1,2}[.:]${DIGIT}{2}\\s?(?:[ap]\\.?m\\.?|[AP]M|Uhr|WIB|WITA|WIT|hrs)${NO_LETTER_AFTER}`,
);

/** A word or number with all that hangs on it, such as an address, a name with digits, a time or a version. */
const REST = `(?:${DIGIT}+|${LETTER})+(?:(?:[.:/'’_@#+=~-]+|(?<=${DIGIT}),(?=${DIGIT}))(?:${DIGIT}+|${LETTER})+)*`;

/**
 * Matches figures in groups named by their kind, and what only looks like one in the group `NOT_A_FIGURE`. Tried in this
 * order at each place, so a date is not also a number. Every repetition but that of a whole word is bounded.
 */
export function patternOfFigures(): RegExp {
  return new RegExp(
    [
      `(?<date>${DATE})`,
      `(?<${NOT_A_FIGURE}>${OTHER})`,
      `(?<money>${MONEY})`,
      `(?<number>${BEFORE}${NUMBER})`,
      REST,
    ].join("|"),
    "gu",
  );
}
