import * as React from 'react';

import { cleanText, isAbort } from '../../core';
import type { IImageRecord } from '../../entities';
import { lineOf } from './line';
import { safePicture } from './links';
import type { IPage } from './page';
import { IconLink, MenuButton } from './parts';
import { imageBadges, imageDetail } from './words';

/** A picture is asked for when its place has been in view this long, in ms: what only flies past costs nothing. */
const REST = 100;
const TOOLTIP_LENGTH = 2000;

/** What stands in the place of the picture: nothing can be made, it is being made, making it failed, or there it is. */
type Picture = { state: 'none' | 'waiting' | 'failed' } | { state: 'ready'; address: string };

/** The picture of an image: the archive's, or one made from its smallest level while its place is in view. */
function usePicture(image: IImageRecord, page: IPage): [Picture, (picture: Picture) => void] {
  const { thumbnails } = page;
  const own = safePicture(image.thumbnail);
  const uri = image.viewable && image.uri !== '' ? image.uri : undefined;
  const [picture, setPicture] = React.useState<Picture>({ state: 'none' });
  React.useEffect(() => {
    if (own !== undefined) {
      setPicture({ state: 'ready', address: own });
      return;
    }
    if (uri === undefined || thumbnails === null) {
      setPicture({ state: 'none' });
      return;
    }
    const show = (address: string | null): void =>
      setPicture(address === null ? { state: 'none' } : { state: 'ready', address });
    const made = thumbnails.peek(uri);
    if (made !== undefined) {
      show(made);
      return;
    }
    setPicture({ state: 'waiting' });
    const abort = new AbortController();
    const ask = (): void => {
      thumbnails.get(uri, abort.signal).then(show, (reason: unknown) => {
        if (!abort.signal.aborted && !isAbort(reason)) {
          setPicture({ state: 'failed' });
        }
      });
    };
    const timer = setTimeout(ask, REST);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [own, uri, thumbnails]);
  return [picture, setPicture];
}

/** The picture, or a sign for why there is none. It says nothing that the words beside it do not: it has no name. */
function Thumbnail({ image, page }: { image: IImageRecord; page: IPage }): JSX.Element {
  const [picture, setPicture] = usePicture(image, page);
  return (
    <span className="jp-BioImageStudy-picture" data-state={picture.state} aria-hidden="true">
      {picture.state === 'ready' ? (
        <img src={picture.address} alt="" draggable={false} onError={() => setPicture({ state: 'failed' })} />
      ) : null}
    </span>
  );
}

/** Everything here stays the same object while the list is scrolled. */
interface ICellProps {
  image: IImageRecord;
  page: IPage;
  /** 0 in the one cell that Tab reaches. */
  tabIndex: 0 | -1;
  /** In the gallery, else in the list. */
  isTile: boolean;
}

/**
 * A row of the list or a tile of the gallery: the button that opens the image, and the menu of what else can be done. While
 * the list is scrolled, only cells that come into view are drawn.
 */
export const ImageCell = React.memo(function ImageCell(props: ICellProps): JSX.Element {
  const { image, page, tabIndex, isTile } = props;
  const { trans } = page;
  const title = lineOf(image.title) || cleanText(image.id) || '–';
  const detail = imageDetail(image, trans);
  const badges = imageBadges(image, trans);
  const tooltip = [image.title, detail, image.uri, image.licence].filter(Boolean).join(' · ');
  return (
    <div className={`jp-BioImageStudy-item${isTile ? ' jp-mod-tile' : ''}${image.viewable ? '' : ' jp-mod-off'}`}>
      <button
        type="button"
        className="jp-BioImageStudy-open"
        tabIndex={tabIndex}
        aria-disabled={!image.viewable}
        title={cleanText(tooltip, TOOLTIP_LENGTH)}
        onClick={() => image.viewable && page.open(image)}
        onPointerDown={event => page.grab(image, event)}
      >
        <Thumbnail image={image} page={page} />
        <span className="jp-BioImageStudy-words">
          <bdi className="jp-BioImageStudy-line">{title}</bdi>
          {badges.length === 0 ? null : (
            <span className="jp-BioImageStudy-badges">
              {badges.map(badge => (
                <span key={badge} className="jp-BioImageStudy-badge">
                  {badge}
                </span>
              ))}
            </span>
          )}
          <bdi className="jp-BioImageStudy-detail">{lineOf(detail)}</bdi>
        </span>
      </button>
      {page.insert === undefined || isTile || !image.viewable || image.uri === '' ? null : (
        <button
          type="button"
          className="jp-BioImageStudy-insert"
          tabIndex={tabIndex}
          aria-label={trans.__('Insert code for %1', title)}
          title={trans.__('Insert code that loads the image')}
          onClick={() => page.insert?.(image)}
        >
          {'</>'}
        </button>
      )}
      {!image.viewable || image.uri === '' ? (
        <IconLink href={image.page} label={trans.__('Page of %1 in the archive', title)} tabIndex={tabIndex} />
      ) : (
        <MenuButton image={image} title={title} page={page} tabIndex={tabIndex} />
      )}
    </div>
  );
});
