import { formatCount } from "../../projection/format.ts";
import { sourceLink } from "./viewer-link.ts";

type PagesProps = Readonly<{
  artifactId: string;
  /** Number of items, index of the first item shown, and items per page. */
  total: number;
  from: number;
  size: number;
  noun: string;
}>;

/** Links to the pages of a long artifact. */
export function Pages({ artifactId, total, from, size, noun }: PagesProps): JSX.Element {
  if (total <= size) return "";
  const lastPage = Math.floor((total - 1) / size) * size;
  const link = (at: number, label: string) => (
    <PageLink artifactId={artifactId} at={at >= 0 && at < total && at !== from ? at : null} label={label} />
  );
  return (
    <nav class="pages" aria-label="Pages">
      {link(0, "First") as "safe"}
      {link(from - size, "Previous") as "safe"}
      <span safe>{`${from + 1}–${Math.min(from + size, total)} of ${formatCount(total, noun)}`}</span>
      {link(from + size, "Next") as "safe"}
      {link(lastPage, "Last") as "safe"}
    </nav>
  );
}

/** `at`: index of the first item of the page; null for a page that does not exist or is already shown. */
type PageLinkProps = Readonly<{ artifactId: string; at: number | null; label: string }>;

function PageLink({ artifactId, at, label }: PageLinkProps): JSX.Element {
  if (at === null)
    return (
      <span class="quiet" safe>
        {label}
      </span>
    );
  return (
    <a {...sourceLink(`/artifacts/${artifactId}?at=${at}`)} safe>
      {label}
    </a>
  );
}
