import type { TranslationBundle } from '@jupyterlab/translation';
import { ellipsesIcon, fileIcon, folderIcon, imageIcon, linkIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { isStudy } from '../catalogue';
import { cleanText } from '../core';
import type { IStudy } from '../entities';
import type { IRow } from './rows';

/** Characters of a tooltip. */
const TOOLTIP_LENGTH = 2000;

/** What a row shows, whatever it stands for. */
interface IFace {
  icon: typeof imageIcon;
  title: string;
  detail: string;
  tooltip: string;
  /** Address of the image, where there is one to act upon. */
  uri?: string;
  disabled?: boolean;
}

/** How many images a study has and how many of them can be viewed, as far as that is known. */
function countText({ images, viewable }: IStudy, trans: TranslationBundle): string | null {
  if (images === undefined) {
    return viewable === undefined ? null : trans._n('%1 image can be viewed', '%1 images can be viewed', viewable);
  }
  return viewable === undefined
    ? trans._n('%1 image', '%1 images', images)
    : trans._n('%2 of %1 image can be viewed', '%2 of %1 images can be viewed', images, viewable);
}

/** The words of a row; every text from data is cleaned on the way out. */
function faceOf(row: IRow, trans: TranslationBundle): IFace {
  switch (row.kind) {
    case 'address':
    case 'recent': {
      const { uri, title } = row.address;
      return { icon: row.kind === 'address' ? linkIcon : imageIcon, title, detail: uri, tooltip: uri, uri };
    }
    case 'root':
      return { icon: folderIcon, title: row.source.label, detail: trans.__('Browse folders'), tooltip: row.source.label };
    case 'more': {
      const title = row.loading ? trans.__('Loading more…') : trans.__('Show more');
      return { icon: ellipsesIcon, title, detail: '', tooltip: title, disabled: row.loading };
    }
    case 'item':
      break;
    default:
      return row;
  }
  const { item } = row;
  if (isStudy(item)) {
    const detail = [item.accession, countText(item, trans)].filter(Boolean).join(' · ');
    return { icon: fileIcon, title: item.title, detail, tooltip: item.title, disabled: true };
  }
  const detail =
    item.kind === 'folder'
      ? trans.__('Folder')
      : item.viewable
        ? (item.description ?? (item.version === undefined ? 'OME-Zarr' : `OME-Zarr ${item.version}`))
        : (item.reason ?? trans.__('Cannot be viewed'));
  return {
    icon: item.kind === 'folder' ? folderIcon : imageIcon,
    title: item.title,
    detail,
    tooltip: [item.title, item.description, item.uri, item.licence].filter(Boolean).join(' · '),
    uri: item.viewable ? item.uri : undefined,
    disabled: !item.viewable && item.kind !== 'folder'
  };
}

/** What a row is drawn from. */
export interface IRowProps {
  row: IRow;
  trans: TranslationBundle;
  index: number;
  count: number;
  /** Top of the row in the list, in CSS pixels. */
  top: number;
  /** Text above the row, where it begins a group. */
  heading: string | null;
  /** The one row that Tab reaches. */
  active: boolean;
  onOpen: (row: IRow) => void;
  onMenu: (uri: string, anchor: HTMLElement) => void;
  onFocus: (index: number) => void;
}

/** One list item: the button that opens it, and the menu of what else can be done with it. */
export function Row(props: IRowProps): JSX.Element {
  const { row, trans } = props;
  const face = faceOf(row, trans);
  const title = cleanText(face.title) || '–';
  const detail = cleanText(face.detail);
  const { icon: Icon } = face;
  return (
    <div
      role="listitem"
      aria-setsize={props.count}
      aria-posinset={props.index + 1}
      className="jp-BioImageBrowser-item"
      style={{ top: `${props.top}px` }}
      data-index={props.index}
    >
      {props.heading === null ? null : <div className="jp-BioImageBrowser-heading">{props.heading}</div>}
      <div className="jp-BioImageBrowser-line">
        <button
          className="jp-BioImageBrowser-open"
          tabIndex={props.active ? 0 : -1}
          aria-disabled={face.disabled === true}
          title={cleanText(face.tooltip, TOOLTIP_LENGTH)}
          onClick={() => face.disabled !== true && props.onOpen(row)}
          onFocus={() => props.onFocus(props.index)}
        >
          <Icon.react tag="span" className="jp-BioImageBrowser-icon" />
          <span className="jp-BioImageBrowser-words">
            <bdi className="jp-BioImageBrowser-title">{title}</bdi>
            {face.detail === '' ? null : <bdi className="jp-BioImageBrowser-detail">{detail}</bdi>}
          </span>
        </button>
        {face.uri === undefined ? null : (
          <button
            className="jp-BioImageBrowser-menu"
            tabIndex={props.active ? 0 : -1}
            aria-haspopup="menu"
            aria-label={trans.__('Actions for %1', title)}
            onClick={event => props.onMenu(face.uri ?? '', event.currentTarget)}
            onFocus={() => props.onFocus(props.index)}
          >
            <ellipsesIcon.react tag="span" className="jp-BioImageBrowser-icon" />
          </button>
        )}
      </div>
    </div>
  );
}
