import { copyIcon, fileIcon, folderIcon, imageIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { cleanText, localised } from '../../core';
import type { IFileEntry } from '../../entities';
import type { IGridHandle } from './grid';
import { Grid } from './grid';
import type { ITabProps } from './images';
import { safeLink } from './links';
import type { IPage } from './page';
import { Filters, ListFoot, MenuButton, Origin } from './parts';
import { bytesText, counted, filesText } from './words';

/** Height of a row in CSS pixels; style/study.css has the same number. */
const ROW = 44;
const TOOLTIP_LENGTH = 2000;

const one = (): number => 1;

/** A path as its last name and the folders before it. */
function splitPath(path: string): { name: string; folder: string } {
  const trimmed = path.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  return { name: trimmed.slice(slash + 1), folder: trimmed.slice(0, Math.max(0, slash)) };
}

/** Everything here stays the same object while the list is scrolled. */
interface IFileCellProps {
  file: IFileEntry;
  page: IPage;
  tabIndex: 0 | -1;
  /** Title of its dataset, where it has one. */
  dataset: string | undefined;
}

/** One file: its name, where it is, its size; the image it is can be opened, a folder looked into, an address copied. */
const FileCell = React.memo(function FileCell(props: IFileCellProps): JSX.Element {
  const { file, page, tabIndex, dataset } = props;
  const { model, trans } = page;
  const { name, folder } = splitPath(file.path);
  const title = cleanText(name) || '–';
  const image = file.image?.viewable === true && file.image.uri !== '' ? file.image : undefined;
  // What is copied is where the file is fetched; an image in a store of this session has only the address that opens it.
  const address = safeLink(file.uri) ?? image?.uri;
  const isFolder = file.kind === 'folder';
  const Icon = image !== undefined ? imageIcon : isFolder ? folderIcon : fileIcon;
  const activate = (): void => {
    if (image !== undefined) {
      page.open(image);
    } else if (isFolder) {
      // Archives list files flat: looking into a folder is a filter by its path.
      void model.files.filter({ text: `${file.path.replace(/\/+$/, '')}/` });
    }
  };
  return (
    <div className={`jp-BioImageStudy-item${image === undefined && !isFolder ? ' jp-mod-plain' : ''}`}>
      <button
        type="button"
        className="jp-BioImageStudy-open"
        tabIndex={tabIndex}
        aria-disabled={image === undefined && !isFolder}
        title={cleanText(
          [file.path, file.image?.reason && localised(trans, file.image.reason)].filter(Boolean).join(' · '),
          TOOLTIP_LENGTH
        )}
        onClick={activate}
        onPointerDown={event => image !== undefined && page.grab(image, event)}
      >
        <Icon.react tag="span" className="jp-BioImageStudy-icon" />
        <span className="jp-BioImageStudy-words">
          <bdi className="jp-BioImageStudy-line">{title}</bdi>
          <bdi className="jp-BioImageStudy-detail">{cleanText([folder, dataset].filter(Boolean).join(' · '))}</bdi>
        </span>
        <span className="jp-BioImageStudy-size">{bytesText(file.bytes) ?? ''}</span>
      </button>
      {address === undefined ? null : (
        <button
          type="button"
          className="jp-BioImageStudy-menu"
          tabIndex={tabIndex}
          aria-label={trans.__('Copy address of %1', title)}
          title={trans.__('Copy address')}
          onClick={() => page.copy(address, trans.__('Address copied.'))}
        >
          <copyIcon.react tag="span" className="jp-BioImageStudy-icon" />
        </button>
      )}
      {image === undefined ? null : <MenuButton image={image} title={title} page={page} tabIndex={tabIndex} />}
    </div>
  );
});

/** How many files there are, and how large they are together. */
function shownText({ model, trans }: IPage): string {
  const { files, details } = model;
  if (files.items.length === 0 && files.status !== 'ready') {
    return '';
  }
  const total = Math.max(counted(files.total) ?? 0, files.items.length);
  const count = filesText(total, files.exact && (files.total !== undefined || !files.hasMore), trans);
  return [count, files.isFiltered ? null : bytesText(details?.bytes)].filter(Boolean).join(' · ');
}

/** The files of the study. */
export function FilesTab({ page, onLeave, handle }: ITabProps): JSX.Element {
  const { model, trans } = page;
  const { files } = model;
  const { details } = model;
  const titles = React.useMemo(() => new Map(details?.datasets.map(({ id, title }) => [id, title])), [details]);
  const grid = React.useRef<IGridHandle>(null);
  React.useImperativeHandle(handle, () => ({ focus: () => grid.current?.focus() ?? false }));
  const onNear = React.useCallback(() => {
    if (!files.isStalled) {
      void files.more();
    }
  }, [files]);
  return (
    <>
      <Filters page={page} list={files} label={trans.__('Filter files')} onDown={() => grid.current?.focus()} />
      <p className="jp-BioImageStudy-count" aria-live="polite">
        {shownText(page)} <Origin list={files} trans={trans} />
      </p>
      <Grid
        label={trans.__('Files')}
        count={files.items.length}
        columns={one}
        rowHeight={ROW}
        keyOf={index => files.items[index].path}
        cell={(index, tabIndex) => (
          <FileCell
            file={files.items[index]}
            page={page}
            tabIndex={tabIndex}
            dataset={titles.get(files.items[index].dataset ?? '')}
          />
        )}
        scroll={files.scroll}
        onScroll={scroll => model.scrolled('files', scroll)}
        onNear={onNear}
        onLeave={onLeave}
        onBack={page.onBack}
        handle={grid}
        footer={
          <ListFoot
            page={page}
            list={files}
            hasMore={files.hasMore}
            shown={files.items.length}
            empty={files.isFiltered ? trans.__('No file matches.') : trans.__('No files were found in this study.')}
            failed={trans.__('The files could not be listed.')}
          />
        }
      />
    </>
  );
}
