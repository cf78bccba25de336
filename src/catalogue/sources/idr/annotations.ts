import { countOf, field, jsonOf, listOf, textOf } from '../../fields';
import type { IRelayAnswer, Relay } from '../../source';
import { containerKey } from './containers';
import type { ContainerKind, KeyValue } from './containers';
import { IDR } from './omero';

/** Name space of the annotations that describe a study. */
const NAMESPACE = 'idr.openmicroscopy.org/study/info';
/** The server's own page length; asking for more could be clamped without a word. */
const PAGE = 500;
/** Ids per call: all of IDR's containers fit, and the address stays under 8 KiB. */
const BATCH = 400;
const MAX_PAGES = 20;

const CLASSES: Readonly<Record<string, ContainerKind>> = { ProjectI: 'project', ScreenI: 'screen' };

/** The pairs of a map annotation; a pair with a missing half is left out. */
function pairsOf(value: unknown): KeyValue[] {
  const pairs: KeyValue[] = [];
  for (const pair of listOf(value)) {
    const [name, text] = listOf(pair).map(textOf);
    if (name !== undefined && text !== undefined) {
      pairs.push([name, text]);
    }
  }
  return pairs;
}

/**
 * The pairs of every container, by {@link containerKey}. Numbers of screens and projects overlap, so an annotation is
 * joined by the class of its parent *and* its number.
 */
function readAnnotations(json: unknown): { pairs: Map<string, KeyValue[]>; count: number } {
  const pairs = new Map<string, KeyValue[]>();
  const annotations = listOf(field(json, 'annotations'));
  for (const annotation of annotations) {
    const parent = field(annotation, 'link', 'parent');
    const kind = textOf(field(parent, 'class')) ?? '';
    const id = countOf(field(parent, 'id'));
    if (id !== undefined && Object.hasOwn(CLASSES, kind)) {
      const key = containerKey(CLASSES[kind], id);
      pairs.set(key, [...(pairs.get(key) ?? []), ...pairsOf(field(annotation, 'values'))]);
    }
  }
  return { pairs, count: annotations.length };
}

/** The study annotations of many containers: one call for all of IDR. */
export async function studyAnnotations(
  relay: Relay,
  containers: readonly { kind: ContainerKind; id: number }[],
  signal: AbortSignal
): Promise<{ pairs: Map<string, KeyValue[]>; answers: IRelayAnswer[] }> {
  const pairs = new Map<string, KeyValue[]>();
  const answers: IRelayAnswer[] = [];
  for (let at = 0; at < containers.length; at += BATCH) {
    const batch = containers.slice(at, at + BATCH);
    const ids = (kind: ContainerKind): string[] => batch.filter(one => one.kind === kind).map(({ id }) => String(id));
    const query = { type: 'map', ns: NAMESPACE, project: ids('project'), screen: ids('screen'), limit: PAGE };
    for (let page = 1; page <= MAX_PAGES; page++) {
      const answer = await relay(IDR, 'webclient/api/annotations/', { query: { ...query, page } }, signal);
      const read = readAnnotations(jsonOf(answer, 'annotations'));
      read.pairs.forEach((more, key) => pairs.set(key, [...(pairs.get(key) ?? []), ...more]));
      answers.push(answer);
      if (read.count < PAGE) {
        break;
      }
    }
  }
  return { pairs, answers };
}
