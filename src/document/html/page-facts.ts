import { attributeOf, type HtmlElement, visit } from "./parse.ts";

/** What can be known of a page only after all of it was seen. */
export type PageFacts = Readonly<{
  /** The elements with the content of the page; null where nothing marks it. */
  main: ReadonlySet<HtmlElement> | null;
  /** Elements that repeat on every page of a site, such as menus. */
  boilerplate: ReadonlySet<HtmlElement>;
  /** Tables that only place blocks beside each other. */
  layoutTables: ReadonlySet<HtmlElement>;
}>;

const MAIN_ROLES = new Set(["main"]);
const BOILERPLATE_ELEMENTS = new Set(["nav", "aside"]);
const BOILERPLATE_ROLES = new Set(
  "navigation banner contentinfo complementary search menu menubar dialog alertdialog".split(" "),
);

/** Words in class names and ids, between hyphens and underscores. */
const BOILERPLATE_WORDS = new Set(
  (
    "nav navbar navigation menu sidebar breadcrumb breadcrumbs cookie cookies consent share sharing social advert adverts " +
    "advertisement ads promo sponsor sponsored related recommended newsletter subscribe pagination pager masthead popup modal"
  ).split(" "),
);

/** What the second version of the rules adds. */
const MORE_BOILERPLATE_WORDS = new Set("toc onetrust gdpr topbar skiplink".split(" "));

/** What the fourth version adds: names that join two words, as generators of documentation write them: "navheader", "sphinxsidebar". */
const JOINED_NAMES =
  /^(?:top|sub|bottom|skip|side|main|fixed|doc|global|site)nav|^nav(?:list|path|header|footer|search|links?|menu|box)|^(?!no|has|with)\w*sidebar(?:wrapper)?$|^searchbox$/;

/** Before these names, what an element has or lacks beside it: "has-sidebar", "no-toc". The fourth version takes them for no menus. */
const HAVING = new Set(["no", "has", "with", "without"]);

/** Names of what stands around the content of a site, in which "header" alone may be the head of an article: "SiteHeader". */
const SITE_FURNITURE =
  /(?:^|\s)(?:site|global|app|page)-(?:footer|bottom)|(?:^|\s)(?:site|global|app)-header|(?:^|\s)footer(?=\s|$)/;

/**
 * 1: only words between hyphens, underscores and blanks; 2: also those of "SiteNav", and roles of headings and lists; 3: also marks;
 * 4: marks and links around a table go on in its cells; also "navheader", but not "has-sidebar"; no signs of links to a heading itself.
 */
export type HtmlRules = 1 | 2 | 3 | 4;

/** Inside these a header or footer belongs to the content. */
const SECTIONS = new Set(["article", "main", "section", "blockquote", "td", "figure"]);

const UNCLASSED = new Set(["html", "body", "main", "article"]);

/** An element with more of the text of the page than this is no boilerplate, whatever its name. */
const MAX_BOILERPLATE_SHARE = 0.5;

/** What is marked as the main content must hold this much of the text that is no boilerplate. */
const MIN_MAIN_SHARE = 0.3;

const TEXTLESS = new Set(["script", "style", "template", "head"]);

type Open = {
  textBefore: number;
  isInSection: boolean;
  isInArticle: boolean;
  isInBoilerplate: boolean;
};

type TableFacts = { hasHeader: boolean; isComplex: boolean; cells: number };

export function readPageFacts(root: Parameters<typeof visit>[0], rules: HtmlRules): PageFacts {
  const facts = new PageFactsReader(rules);
  visit(root, facts);
  return facts.result();
}

class PageFactsReader {
  readonly #rules: HtmlRules;
  #textUnits = 0;
  #boilerplateUnits = 0;
  readonly #open: Open[] = [];
  readonly #tables: TableFacts[] = [];
  readonly #layoutTables = new Set<HtmlElement>();
  readonly #flagged: { element: HtmlElement; units: number; isOutermost: boolean }[] = [];
  readonly #mains: { element: HtmlElement; units: number; isArticle: boolean }[] = [];

  constructor(rules: HtmlRules) {
    this.#rules = rules;
  }

  enter = (element: HtmlElement): boolean => {
    if (TEXTLESS.has(element.tagName)) return false;
    this.#noteInTable(element.tagName);
    const above = this.#open.at(-1);
    this.#open.push({
      textBefore: this.#textUnits,
      isInSection: (above?.isInSection ?? false) || SECTIONS.has(element.tagName),
      isInArticle: (above?.isInArticle ?? false) || element.tagName === "article",
      isInBoilerplate:
        (above?.isInBoilerplate ?? false) || isBoilerplate(element, above?.isInSection ?? false, this.#rules),
    });
    return true;
  };

  text = ({ value }: { value: string }): void => {
    this.#textUnits += value.trim().length;
  };

  exit = (element: HtmlElement): void => {
    const open = this.#open.pop();
    const above = this.#open.at(-1);
    if (!open) return;
    const units = this.#textUnits - open.textBefore;
    const isInBoilerplate = above?.isInBoilerplate ?? false;
    if (isBoilerplate(element, above?.isInSection ?? false, this.#rules))
      this.#flagged.push({ element, units, isOutermost: !isInBoilerplate });
    const isArticle = element.tagName === "article" && !above?.isInArticle;
    if (isArticle || isMain(element)) this.#mains.push({ element, units, isArticle });
    if (element.tagName === "table") this.#endTable(element);
  };

  result(): PageFacts {
    const flagged = this.#flagged.filter(({ units }) => units <= this.#textUnits * MAX_BOILERPLATE_SHARE);
    for (const { units, isOutermost } of flagged) if (isOutermost) this.#boilerplateUnits += units;
    return {
      main: this.#chooseMain(),
      boilerplate: new Set(flagged.map(({ element }) => element)),
      layoutTables: this.#layoutTables,
    };
  }

  /** The largest `main`, else all articles that are in no other one. */
  #chooseMain(): ReadonlySet<HtmlElement> | null {
    const mains = this.#mains.filter(({ isArticle }) => !isArticle).sort((a, b) => b.units - a.units);
    const chosen = mains.length > 0 ? mains.slice(0, 1) : this.#mains;
    const units = chosen.reduce((sum, main) => sum + main.units, 0);
    const isEnough = units > 0 && units >= (this.#textUnits - this.#boilerplateUnits) * MIN_MAIN_SHARE;
    return isEnough ? new Set(chosen.map(({ element }) => element)) : null;
  }

  #noteInTable(name: string): void {
    const table = this.#tables.at(-1);
    if (table && name === "td") table.cells += 1;
    if (table && (name === "th" || name === "caption" || name === "thead")) table.hasHeader = true;
    if (table && (name === "table" || /^h[1-6]$/.test(name))) table.isComplex = true;
    if (name === "table") this.#tables.push({ hasHeader: false, isComplex: false, cells: 0 });
  }

  #endTable(element: HtmlElement): void {
    const table = this.#tables.pop();
    const role = attributeOf(element, "role");
    const isPresentation = role === "presentation" || role === "none";
    const isPlacing = table && !table.hasHeader && (table.isComplex || table.cells <= 1);
    if (isPresentation || isPlacing) this.#layoutTables.add(element);
  }
}

function isMain(element: HtmlElement): boolean {
  return element.tagName === "main" || MAIN_ROLES.has(attributeOf(element, "role") ?? "");
}

function isBoilerplate(element: HtmlElement, isInSection: boolean, rules: HtmlRules): boolean {
  const { tagName } = element;
  if (UNCLASSED.has(tagName)) return false;
  if (BOILERPLATE_ELEMENTS.has(tagName)) return true;
  if ((tagName === "header" || tagName === "footer") && !isInSection) return true;
  if (BOILERPLATE_ROLES.has(attributeOf(element, "role") ?? "")) return true;
  const given = `${attributeOf(element, "class") ?? ""} ${attributeOf(element, "id") ?? ""}`.slice(0, 500);
  if (given.length <= 1) return false;
  const names = rules === 1 ? given : given.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, "-");
  const all = names.toLowerCase().split(/[\s_-]+/);
  const words = rules > 3 ? all.filter((_, index) => !HAVING.has(all[index - 1] ?? "")) : all;
  if (words.some((word) => BOILERPLATE_WORDS.has(word))) return true;
  if (rules === 1) return false;
  const isFurniture = !isInSection && SITE_FURNITURE.test(names.toLowerCase().replaceAll("_", "-"));
  return (
    isFurniture ||
    words.some((word) => MORE_BOILERPLATE_WORDS.has(word) || (rules > 3 && JOINED_NAMES.test(word)))
  );
}
