import { countOf } from '../../fields';

/** OMERO's two kinds of container that a study can be made of. */
export type ContainerKind = 'project' | 'screen';

/** A key of an annotation and its value. */
export type KeyValue = readonly [key: string, value: string];

/** A screen or project: a study has one or several. */
export interface IContainer {
  readonly kind: ContainerKind;
  readonly id: number;
  /** Such as `idr0062-blin-nuclearsegmentation/experimentA`. */
  readonly name: string;
  readonly description?: string;
  /** Plates of a screen, datasets of a project. */
  readonly children?: number;
  readonly images?: number;
  readonly bytes?: number;
  /** What is annotated, in the archive's order; keys repeat. */
  readonly values: readonly KeyValue[];
}

/** The name by which a container is known here: numbers of screens and of projects overlap. */
export function containerKey(kind: ContainerKind, id: number): string {
  return `${kind}:${id}`;
}

/** The other way round; `undefined` where the text is no such name. */
export function parseContainerKey(key: string): { kind: ContainerKind; id: number } | undefined {
  const [, kind, digits] = /^(project|screen):(\d{1,15})$/.exec(key) ?? [];
  const id = countOf(digits);
  return id === undefined ? undefined : { kind: kind as ContainerKind, id };
}

/** The accession that a container's name begins with, lower case. */
export function accessionOf(name: string): string | undefined {
  return /^(idr\d{4})(?!\d)/i.exec(name)?.[1].toLowerCase();
}

/** The last part of a container's name: `experimentA`; the whole name where it has no parts. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).trim() || name;
}

/** Containers by the accession they belong to; one without an accession is a study of its own, known by its key. */
export function groupContainers(containers: readonly IContainer[]): Map<string, IContainer[]> {
  const groups = new Map<string, IContainer[]>();
  // A list that changes while it is paged through may have one twice.
  const unique = new Map(containers.map(one => [containerKey(one.kind, one.id), one]));
  for (const container of unique.values()) {
    const accession = accessionOf(container.name) ?? containerKey(container.kind, container.id);
    groups.set(accession, [...(groups.get(accession) ?? []), container]);
  }
  for (const group of groups.values()) {
    group.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id - b.id));
  }
  return groups;
}
