/**
 * The prefix by which this folder names a namespace, whatever prefix a file uses. ECMA-376 (transitional) and ISO 29500
 * strict have other URIs for the same elements.
 */
export const PREFIX_BY_NAMESPACE: ReadonlyMap<string, string> = new Map([
  ["http://www.w3.org/XML/1998/namespace", "xml"],
  ["http://schemas.openxmlformats.org/markup-compatibility/2006", "mc"],
  ["http://schemas.openxmlformats.org/package/2006/relationships", "rel"],
  ["http://schemas.openxmlformats.org/wordprocessingml/2006/main", "w"],
  ["http://schemas.openxmlformats.org/spreadsheetml/2006/main", "x"],
  ["http://schemas.openxmlformats.org/presentationml/2006/main", "p"],
  ["http://schemas.openxmlformats.org/drawingml/2006/main", "a"],
  ["http://schemas.openxmlformats.org/drawingml/2006/picture", "pic"],
  ["http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing", "wp"],
  ["http://schemas.openxmlformats.org/officeDocument/2006/relationships", "r"],
  ["http://schemas.openxmlformats.org/officeDocument/2006/math", "m"],
  ["http://schemas.openxmlformats.org/drawingml/2006/diagram", "dgm"],
  ["http://purl.oclc.org/ooxml/drawingml/diagram", "dgm"],
  ["http://purl.oclc.org/ooxml/wordprocessingml/main", "w"],
  ["http://purl.oclc.org/ooxml/spreadsheetml/main", "x"],
  ["http://purl.oclc.org/ooxml/presentationml/main", "p"],
  ["http://purl.oclc.org/ooxml/drawingml/main", "a"],
  ["http://purl.oclc.org/ooxml/drawingml/picture", "pic"],
  ["http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing", "wp"],
  ["http://purl.oclc.org/ooxml/officeDocument/relationships", "r"],
  ["http://purl.oclc.org/ooxml/officeDocument/math", "m"],
  ["urn:schemas-microsoft-com:vml", "v"],
  ["http://schemas.microsoft.com/office/word/2010/wordprocessingShape", "wps"],
  ["http://schemas.microsoft.com/office/drawing/2010/main", "a14"],
]);
