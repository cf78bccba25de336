import type { TranslationBundle } from '@jupyterlab/translation';

import { cleanText, localised } from '../core';
import type { Said } from '../core';
import type { Group } from './group';
import type { BrowserModel } from './model';
import type { INotice } from './notice';
import type { ITwins } from './twins';
import { ageText, facetLabel, numberText } from './words';

/** How many there are, of how many, as far as that is known. */
function countText(group: Group, trans: TranslationBundle): string {
  const { shown, total, exact, cursor, isFiltered } = group;
  const count = shown.length;
  const items = numberText(count);
  if (count === 0 && (total ?? 0) === 0 && cursor === undefined) {
    return items;
  }
  if (cursor === undefined && exact) {
    // All is there. What the panel leaves out is not in the source's total.
    return numberText(isFiltered ? count : (total ?? count));
  }
  if (total === undefined || isFiltered) {
    // More can be asked for and nobody knows how many: the number is what is there so far.
    return cursor === undefined ? trans.__('about %1', items) : trans.__('more than %1', items);
  }
  const all = numberText(total);
  const { hasStudies, hasImages } = group;
  if (hasStudies && hasImages) {
    // The total is of both.
    return exact ? trans.__('%1 of %2 results', items, all) : trans.__('%1 of about %2 results', items, all);
  }
  const ofStudies = hasStudies;
  if (exact) {
    return ofStudies ? trans.__('%1 of %2 studies', items, all) : trans.__('%1 of %2 images', items, all);
  }
  return ofStudies ? trans.__('%1 of about %2 studies', items, all) : trans.__('%1 of about %2 images', items, all);
}

/** What a source has to say, without the details after the first colon, which the heading of its rows tells. */
function shortNotice(notice: Said, trans: TranslationBundle): string {
  return cleanText(localised(trans, notice).split(':')[0], 120);
}

/** How many rows are not listed, and why. */
function twinsText({ places, label }: ITwins, trans: TranslationBundle): string {
  const name = cleanText(label, 60);
  return trans._n('%2 listed by %3', '%2 listed by %3', places.size, numberText(places.size), name);
}

/** True for a source that has answered that it has nothing, and nothing else. */
function isEmpty({ status, shown, cursor, exact, cannot, notices, from }: Group): boolean {
  const isPlain = cannot.length === 0 && notices.length === 0 && from?.kind !== 'cache';
  return status === 'ready' && shown.length === 0 && cursor === undefined && exact && isPlain;
}

/** A source's state in a few words. */
export function groupText(group: Group, trans: TranslationBundle): string {
  const label = cleanText(group.source.label, 60);
  switch (group.status) {
    case 'loading':
      return trans.__('%1: searching…', label);
    case 'failed':
      return trans.__(
        '%1: failed, %2',
        label,
        group.error ? cleanText(localised(trans, group.error.said.message)) : ''
      );
    case 'cancelled':
      return trans.__('%1: cancelled', label);
    case 'ready': {
      if (group.cannot.length > 0) {
        if (group.cannot.includes('ome_zarr')) {
          return trans.__('%1 cannot tell in a search what can be viewed', label);
        }
        const facets = group.cannot.map(facet => facetLabel(facet, trans).toLowerCase()).join(', ');
        return trans.__('%1 cannot be filtered by %2', label, facets);
      }
      const age = group.from?.kind === 'cache' ? [ageText(group.from.age, trans)] : [];
      const twins = group.twins === null ? [] : [twinsText(group.twins, trans)];
      const remarks = [...age, ...twins, ...group.notices.map(notice => shortNotice(notice, trans))];
      const count = countText(group, trans);
      return remarks.length > 0
        ? trans.__('%1: %2 (%3)', label, count, remarks.join('; '))
        : trans.__('%1: %2', label, count);
    }
    default:
      return group.status;
  }
}

/** What is to be told besides. */
export function noticeText(notice: INotice, trans: TranslationBundle): string {
  switch (notice.kind) {
    case 'asking':
      return trans.__('Asking %1 for %2…', cleanText(notice.source, 60), cleanText(notice.name, 60));
    case 'no-source':
      return trans.__(
        '%1 cannot be opened: there is no source %2 here.',
        cleanText(notice.name),
        cleanText(notice.source, 60)
      );
    case 'not-viewable':
      return trans.__(
        '%1 cannot be viewed. %2',
        cleanText(notice.title),
        cleanText(notice.reason === undefined ? '' : localised(trans, notice.reason))
      );
    case 'failed':
      return trans.__(
        '%1 %2',
        ...[notice.error.said.message, notice.error.said.hint].map(text => cleanText(localised(trans, text)))
      );
    case 'added':
      return trans.__('Added to the favourites.');
    case 'removed':
      return trans.__('Removed from the favourites.');
    default:
      return notice;
  }
}

/** All that the status line says. */
export function statusText(model: BrowserModel, trans: TranslationBundle): string {
  const { groups, notice, sessionError } = model;
  const parts = notice === null ? [] : [noticeText(notice, trans)];
  // What found something or has something to say comes first; the others are named together.
  const empty = groups.filter(isEmpty);
  parts.push(...groups.filter(group => !isEmpty(group)).map(group => groupText(group, trans)));
  if (empty.length > 0) {
    parts.push(trans.__('nothing in %1', empty.map(({ source }) => cleanText(source.label, 60)).join(', ')));
  }
  // Once for all of them: each has its badge in the list as well.
  if (groups.some(({ from }) => from?.kind === 'recorded')) {
    parts.push(trans.__('recorded samples, not the archives’ own answers'));
  }
  if (model.isStarting) {
    parts.push(trans.__('Asking for the stores of this session…'));
  } else if (sessionError !== null) {
    parts.push(
      trans.__(
        'The stores of this session are not available: %1',
        cleanText(localised(trans, sessionError.said.message))
      )
    );
  }
  return parts.join(' · ');
}
