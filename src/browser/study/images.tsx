import * as React from 'react';

import type { IGridHandle } from './grid';
import { Grid } from './grid';
import { ImageCell } from './imagecell';
import type { IPage } from './page';
import { Filters, ListFoot, Origin } from './parts';
import { columnsFor } from './tiles';
import { counted, countText } from './words';

/** Heights of a row of the list and of the gallery in CSS pixels; style/study.css has the same numbers. */
const ROW = 60;
const TILE_ROW = 164;

/** A list is a grid of one column; a constant, so that it is the same function at every drawing. */
const one = (): number => 1;

/** How many images are shown, of how many there are. */
function shownText({ model, trans }: IPage): string {
  const { images } = model;
  if (images.items.length === 0 && images.status !== 'ready') {
    return '';
  }
  const shown = model.shownImages.length;
  if (model.onlyViewable) {
    const count = countText(shown) + (model.hasMoreImages ? '+' : '');
    return trans._n('%2 image can be viewed', '%2 images can be viewed', shown, count);
  }
  // An archive's own total may lag behind what it lists.
  const total = Math.max(counted(images.total) ?? 0, shown);
  const mark = (images.total === undefined && images.hasMore) || !images.exact ? '≥ ' : '';
  return trans._n('%2 image', '%2 images', total, mark + countText(total));
}

/** The images of the study, as a list or as a gallery. */
export function ImagesTab({ page, onLeave, handle }: ITabProps): JSX.Element {
  const { model, trans } = page;
  const { images } = model;
  const shown = model.shownImages;
  const isTile = model.layout === 'grid';
  const grid = React.useRef<IGridHandle>(null);
  React.useImperativeHandle(handle, () => ({ focus: () => grid.current?.focus() ?? false }));
  const onNear = React.useCallback(() => {
    if (model.hasMoreImages && !images.isStalled) {
      void images.more();
    }
  }, [model, images]);
  const empty = images.isFiltered
    ? trans.__('No image matches.')
    : model.onlyViewable
      ? trans.__('None of the images can be viewed.')
      : trans.__('No images were found in this study.');
  return (
    <>
      <Filters page={page} list={images} label={trans.__('Filter images')} onDown={() => grid.current?.focus()}>
        <label className="jp-BioImageStudy-check">
          <input
            type="checkbox"
            checked={model.onlyViewable}
            onChange={event => model.setOnlyViewable(event.currentTarget.checked)}
          />
          {trans.__('Only viewable')}
        </label>
        <button
          type="button"
          className="jp-BioImageStudy-button"
          aria-pressed={isTile}
          onClick={() => model.setLayout(isTile ? 'list' : 'grid')}
        >
          {trans.__('Gallery')}
        </button>
      </Filters>
      <p className="jp-BioImageStudy-count" aria-live="polite">
        {shownText(page)} <Origin list={images} trans={trans} />
      </p>
      <Grid
        // Another layout or filter is another list, which begins at its own place.
        key={`${model.layout} ${model.onlyViewable}`}
        label={trans.__('Images')}
        count={shown.length}
        columns={isTile ? columnsFor : one}
        rowHeight={isTile ? TILE_ROW : ROW}
        keyOf={index => shown[index].id}
        cell={(index, tabIndex) => <ImageCell image={shown[index]} page={page} tabIndex={tabIndex} isTile={isTile} />}
        scroll={images.scroll}
        onScroll={scroll => model.scrolled('images', scroll)}
        onNear={onNear}
        onLeave={onLeave}
        onBack={page.onBack}
        handle={grid}
        footer={
          <ListFoot
            page={page}
            list={images}
            hasMore={model.hasMoreImages}
            shown={shown.length}
            empty={empty}
            failed={trans.__('The images could not be listed.')}
          />
        }
      />
    </>
  );
}

/** What a tab with a list is drawn from. */
export interface ITabProps {
  page: IPage;
  /** Up from the first row. */
  onLeave: () => void;
  handle: React.Ref<IGridHandle>;
}
