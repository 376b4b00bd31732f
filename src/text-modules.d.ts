/** Files that the build puts into the program as text. */
declare module "*.sql" {
  const text: string;
  export default text;
}
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*.svg" {
  const text: string;
  export default text;
}
declare module "*.md" {
  const text: string;
  export default text;
}
declare module "*/artifact-set-digest.txt" {
  const text: string;
  export default text;
}
declare module "*.client.js" {
  const text: string;
  export default text;
}
declare module "*/htmx.min.js" {
  const text: string;
  export default text;
}
declare module "*.packed.txt" {
  const text: string;
  export default text;
}
/** A file that the build puts into the executable; importing it gives its path there. */
declare module "*.zst" {
  const path: string;
  export default path;
}
