import type { ISuggestion } from '../../../entities';
import { matchesText } from '../../listing';
import type { Relay } from '../../source';
import { facetOfKey, imageFacetOf } from './keys';
import type { ImageFacet } from './keys';
import type { IStudyList } from './list';
import { searchValues } from './searchengine';
import type { IEngineValue } from './searchengine';
import { SOURCE } from './studies';

/** Completions that are shown. */
const MAX_VALUES = 8;
const MAX_STUDIES = 4;
/** One letter is part of too many values to mean one of them. */
const MIN_LETTERS = 2;

/** Exact matches first, then keys that people search by, then what most images have. */
function order(text: string): (a: IEngineValue, b: IEngineValue) => number {
  const low = text.toLowerCase();
  const exact = ({ value }: IEngineValue): number => Number(value.toLowerCase() === low);
  const isKnown = ({ key }: IEngineValue): number => Number(facetOfKey(key) !== undefined);
  return (a, b) => exact(b) - exact(a) || isKnown(b) - isKnown(a) || b.images - a.images;
}

/** Values of image keys that contain the text. Those of a key without a facet are words to search for. */
export async function suggestValues(relay: Relay, text: string, signal: AbortSignal): Promise<ISuggestion[]> {
  if (text.length < MIN_LETTERS) {
    return [];
  }
  const values = (await searchValues(relay, text, signal)).sort(order(text));
  const suggestions = new Map<string, ISuggestion>();
  for (const { key, value, images } of values) {
    const facet = facetOfKey(key);
    const same = `${facet ?? ''} ${value.toLowerCase()}`;
    if (!suggestions.has(same)) {
      suggestions.set(same, { text: value, count: images, source: SOURCE, ...(facet === undefined ? {} : { facet }) });
    }
  }
  return [...suggestions.values()].slice(0, MAX_VALUES);
}

/** Words of a text that can be a value: longer ones are asked about nobody's images. */
const MAX_WORDS = 2;

/** Whether a text may be the value of an image key, such as a gene. */
export function canBeValue(text: string): boolean {
  return text.length >= MIN_LETTERS && text.split(/\s+/).length <= MAX_WORDS;
}

/** The facet that has the text as a value, with the spelling of the archive; of several the one with most images. */
export async function valueMeant(
  relay: Relay,
  text: string,
  signal: AbortSignal
): Promise<readonly [ImageFacet, readonly string[]] | undefined> {
  const low = text.toLowerCase();
  for (const { key, value } of (await searchValues(relay, text, signal)).sort(order(text))) {
    const facet = imageFacetOf(key);
    if (facet !== undefined && value.toLowerCase() === low) {
      return [facet, [value]];
    }
  }
  return undefined;
}

/** Studies whose name contains the text, of those that have been listed: nothing is asked for them. */
export function suggestStudies(list: IStudyList | undefined, text: string): ISuggestion[] {
  if (list === undefined || text.length < MIN_LETTERS) {
    return [];
  }
  const names = list.studies.map(({ containers }) => containers[0].name.split('/')[0]).filter(name => name !== '');
  return names
    .filter(name => matchesText(name, text))
    .slice(0, MAX_STUDIES)
    .map(name => ({ text: name, source: SOURCE }));
}
