/** The SBOM of an executable in CycloneDX. It holds no time and nothing random: the same source gives the same bytes. */
import { createHash } from "node:crypto";
import { Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import { type CarriedWork, directRefs, listCarriedWorks } from "./carried.ts";
import type { Target } from "./targets.ts";

const SERIALIZER = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));

export function describeExecutable(
  root: string,
  target: Target,
  { name, version }: Readonly<{ name: string; version: string }>,
): string {
  const works = listCarriedWorks(root, target);
  const program = new Models.Component(Enums.ComponentType.Application, name, { version, bomRef: name });
  const components = new Map(works.map((work) => [work.ref, componentOf(work)]));
  const depend = (component: Models.Component, refs: readonly string[]) => {
    for (const ref of refs) component.dependencies.add(componentFor(components, ref).bomRef);
  };
  depend(program, directRefs(root, target, works));
  for (const { ref, dependsOn } of works) depend(componentFor(components, ref), dependsOn);
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: program }),
    components: new Models.ComponentRepository(components.values()),
  });
  bom.serialNumber = `urn:uuid:${uuidOf(serialize(bom))}`;
  return serialize(bom);
}

function serialize(bom: Models.Bom): string {
  return `${SERIALIZER.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function componentFor(components: ReadonlyMap<string, Models.Component>, ref: string): Models.Component {
  const component = components.get(ref);
  if (component === undefined) throw new Error(`${ref} is needed and not carried`);
  return component;
}

const TYPES = {
  package: Enums.ComponentType.Library,
  library: Enums.ComponentType.Library,
  runtime: Enums.ComponentType.Platform,
  server: Enums.ComponentType.Application,
} as const;

function componentOf({ ref, kind, name, version, licence, purl, integrity }: CarriedWork): Models.Component {
  const [, group, bare = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  return new Models.Component(TYPES[kind], bare, {
    ...(group === undefined ? {} : { group }),
    version,
    bomRef: ref,
    purl: purl,
    licenses: new Models.LicenseRepository([licenceOf(licence)]),
    hashes: new Models.HashDictionary(hashesOf(integrity)),
  });
}

function licenceOf(licence: string): Models.License {
  if (/ (AND|OR|WITH) /.test(licence)) return new Models.LicenseExpression(licence);
  return /^[\w.+-]+$/.test(licence) ? new Models.SpdxLicense(licence) : new Models.NamedLicense(licence);
}

/** npm writes a hash as `sha512-` and base64, CycloneDX as hexadecimal. */
function hashesOf(integrity = ""): [Enums.HashAlgorithm, string][] {
  const [, base64] = /^sha512-(.+)$/.exec(integrity) ?? [];
  return base64 === undefined
    ? []
    : [[Enums.HashAlgorithm["SHA-512"], Buffer.from(base64, "base64").toString("hex")]];
}

/** A UUID of version 8 (RFC 9562), which leaves its bits to whoever makes it. */
function uuidOf(text: string): string {
  const digest = createHash("sha256").update(text).digest("hex");
  const hex = `${digest.slice(0, 12)}8${digest.slice(13, 16)}8${digest.slice(17, 32)}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
