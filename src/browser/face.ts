import { localised } from '../core';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { ellipsesIcon, fileIcon, folderIcon, imageIcon, linkIcon } from '@jupyterlab/ui-components';

import type { ICatalogueSource } from '../catalogue';
import { isStudy } from '../catalogue';
import type { IImageRecord, IStudy } from '../entities';
import type { IFavourite } from './favourites';
import { asFavourite } from './favourites';
import type { IHit } from './recognised';
import type { IRow } from './rows';
import { viewableText } from './words';

/** What a row shows, whatever it stands for. Texts are as they come from data, and cleaned by whoever draws them. */
export interface IFace {
  readonly icon: LabIcon;
  readonly title: string;
  readonly detail: string;
  readonly tooltip: string;
  /** What can be marked, dragged and acted upon. */
  readonly target: IFavourite | null;
  readonly disabled?: boolean;
}

/** Parts of a line, without those that are not known. */
function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter(part => part !== undefined && part !== '').join(' · ');
}

/** A study: without a page of its own in the source there is nothing to open. */
function studyFace(study: IStudy, from: ICatalogueSource, trans: TranslationBundle): IFace {
  const { title, accession } = study;
  const more = joined([study.licence?.text, study.facets?.organism?.slice(0, 2).join(', '), study.released]);
  // What tells most comes first: a narrow panel shows no more than that, and the heading names the source too.
  const detail = joined([accession, viewableText(study, trans), from.label, more]);
  return {
    icon: fileIcon,
    title,
    detail,
    tooltip: joined([title, detail, study.description]),
    target: asFavourite(study),
    disabled: from.study === undefined
  };
}

/** What an image is, or why it cannot be viewed and what may help. */
function imageDetail(image: IImageRecord, trans: TranslationBundle): string {
  if (image.kind === 'folder') {
    return trans.__('Folder');
  }
  if (image.viewable) {
    return image.description ?? (image.version === undefined ? 'OME-Zarr' : `OME-Zarr ${image.version}`);
  }
  const reason = image.reason === undefined ? trans.__('Cannot be viewed') : localised(trans, image.reason);
  return image.convertible === true ? trans.__('%1; can be converted later', reason) : reason;
}

/** An image or a folder; only what can be viewed can be marked and acted upon. */
function imageFace(image: IImageRecord, trans: TranslationBundle): IFace {
  const { title, kind, viewable } = image;
  const isFolder = kind === 'folder';
  return {
    icon: isFolder ? folderIcon : imageIcon,
    title,
    detail: joined([imageDetail(image, trans), image.study?.accession]),
    tooltip: joined([
      title,
      image.description,
      image.uri,
      image.licence,
      image.reason && localised(trans, image.reason)
    ]),
    target: viewable ? asFavourite(image) : null,
    disabled: !viewable && !isFolder
  };
}

/** What the text in the box names; its source is not asked before it is opened. */
function hitFace(hit: IHit, trans: TranslationBundle): IFace {
  const { label, id: source } = hit.source;
  if (hit.kind === 'study') {
    const { accession } = hit;
    const title = trans.__('Open study %1', accession);
    const target: IFavourite = { kind: 'study', source, accession, title: accession };
    return { icon: fileIcon, title, detail: label, tooltip: joined([title, label]), target };
  }
  // Ids may begin with their kind (`image:123`), which the title says already.
  const title = trans.__('Open image %1', hit.id.replace(/^[a-z]+:/, ''));
  return { icon: imageIcon, title, detail: label, tooltip: joined([title, label]), target: null };
}

/** A row never changes, so neither does its face. */
const faces = new WeakMap<IRow, IFace>();

/** The face of a row. */
export function faceOf(row: IRow, trans: TranslationBundle): IFace {
  let face = faces.get(row);
  if (face === undefined) {
    faces.set(row, (face = makeFace(row, trans)));
  }
  return face;
}

/** By the kind of the row; a kind that is missing here does not compile. */
function makeFace(row: IRow, trans: TranslationBundle): IFace {
  switch (row.kind) {
    case 'hit':
      return hitFace(row.hit, trans);
    case 'address':
    case 'recent': {
      const { uri, title } = row.address;
      const icon = row.kind === 'address' ? linkIcon : imageIcon;
      return { icon, title, detail: uri, tooltip: uri, target: { kind: 'image', uri, title } };
    }
    case 'favourite': {
      const { favourite, label } = row;
      const { title } = favourite;
      const isOfStudy = favourite.kind === 'study';
      const detail = joined([label, isOfStudy ? favourite.accession : favourite.uri]);
      return {
        icon: isOfStudy ? fileIcon : imageIcon,
        title,
        detail,
        tooltip: joined([title, detail]),
        target: favourite
      };
    }
    case 'root': {
      const { label } = row.source;
      return { icon: folderIcon, title: label, detail: trans.__('Browse folders'), tooltip: label, target: null };
    }
    case 'more': {
      const isLoading = row.status === 'loading';
      const title = isLoading ? trans.__('Loading more…') : trans.__('Show more');
      return { icon: ellipsesIcon, title, detail: '', tooltip: title, target: null, disabled: isLoading };
    }
    case 'item':
      return isStudy(row.item) ? studyFace(row.item, row.from, trans) : imageFace(row.item, trans);
    default:
      return row;
  }
}
