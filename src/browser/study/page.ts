import type { TranslationBundle } from '@jupyterlab/translation';
import type { Menu } from '@lumino/widgets';
import * as React from 'react';

import { cleanText, localised, toBioImageError } from '../../core';
import type { IImageRecord } from '../../entities';
import { dragFrom } from '../drag';
import { asFavourite } from '../favourites';
import { Gate } from '../gate';
import type { IPanelHost } from '../host';
import { openMenu } from '../menu';
import type { StudyModel } from './model';
import { Thumbnails } from './thumbnails';

/** What every part of the page works with. */
export interface IPage {
  readonly model: StudyModel;
  readonly host: IPanelHost;
  readonly trans: TranslationBundle;
  /** Pictures of images; `null` where the application makes none. */
  readonly thumbnails: Thumbnails | null;
  /** Puts a text on the clipboard and says so: `said` is what has been copied, in a sentence. */
  copy(text: string, said: string): void;
  /** Opens an image in a preview, once however often it is asked. */
  open(image: IImageRecord): void;
  /** Opens the menu of what can be done with an image. */
  menu(image: IImageRecord, anchor: HTMLElement): void;
  /** Inserts code that loads an image; absent where the application puts no code anywhere. */
  readonly insert?: (image: IImageRecord) => void;
  /** An image was pressed: it is dragged once the pointer moves. */
  grab(image: IImageRecord, event: React.PointerEvent): void;
  readonly onBack: () => void;
}

/** What was said last to those who do not see the page; `count` tells repetitions apart. */
export interface ISaid {
  readonly text: string;
  readonly count: number;
}

/** The menu of what can be done with an image; the one open is closed with the page. */
function useMenu(host: IPanelHost): IPage['menu'] {
  const menu = React.useRef<Menu | null>(null);
  React.useEffect(() => () => menu.current?.dispose(), []);
  return React.useCallback(
    (image, anchor) => {
      const item = asFavourite(image);
      if (item !== null) {
        menu.current?.dispose();
        menu.current = openMenu(item, anchor, host);
      }
    },
    [host]
  );
}

/** Lets an image be dragged to where its code or its address is wanted. */
function grab(host: IPanelHost, image: IImageRecord, event: React.PointerEvent): void {
  const item = asFavourite(image);
  if (item !== null && image.viewable && host.dragData !== undefined) {
    dragFrom(event.nativeEvent, () => {
      const data = host.dragData?.(item) ?? null;
      return data === null ? null : { data, title: cleanText(image.title, 60) };
    });
  }
}

/** The pictures of one visit to the page; given up when it is left. */
function useThumbnails(host: IPanelHost): Thumbnails | null {
  const thumbnails = React.useMemo(
    () =>
      host.thumbnail === undefined
        ? null
        : new Thumbnails(async (uri, size, signal) => (await host.thumbnail?.(uri, size, signal)) ?? null),
    [host]
  );
  React.useEffect(() => () => thumbnails?.dispose(), [thumbnails]);
  return thumbnails;
}

/** Everything the parts of the page share, and what has been said last. */
export function usePage(props: { model: StudyModel; host: IPanelHost; trans: TranslationBundle; onBack: () => void }): {
  page: IPage;
  said: ISaid;
} {
  const { model, host, trans, onBack } = props;
  const [said, setSaid] = React.useState<ISaid>({ text: '', count: 0 });
  const thumbnails = useThumbnails(host);
  const menu = useMenu(host);
  const [gate] = React.useState(() => new Gate());
  // A new function at every drawing must not make all parts new.
  const back = React.useRef(onBack);
  back.current = onBack;
  const page = React.useMemo((): IPage => {
    const say = (text: string): void => setSaid(({ count }) => ({ text, count: count + 1 }));
    return {
      model,
      host,
      trans,
      thumbnails,
      menu,
      grab: (image, event) => grab(host, image, event),
      copy: (text, done) => {
        host.copy(text).then(
          () => say(done),
          (reason: unknown) =>
            say(trans.__('Not copied: %1', cleanText(localised(trans, toBioImageError(reason).said.message))))
        );
      },
      open: ({ uri, source, title }) => void gate.run(`open ${uri}`, () => host.open(uri, source, title)),
      ...(host.insert === undefined
        ? {}
        : { insert: ({ uri }: IImageRecord) => void gate.run(`insert ${uri}`, async () => host.insert?.(uri)) }),
      onBack: () => back.current()
    };
  }, [model, host, trans, thumbnails, menu, gate]);
  return { page, said };
}
