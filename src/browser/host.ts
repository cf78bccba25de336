import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import type { IFavourite } from './favourites';

/** An entry of an item's menu. */
export interface IItemCommand {
  command: string;
  args: ReadonlyJSONObject;
}

/** What names a study among all sources, with its title for lists of favourites. */
export interface IStudyName {
  readonly source: string;
  readonly accession: string;
  readonly title: string;
}

/** What the panel asks of the application it lives in. */
export interface IPanelHost {
  readonly trans: TranslationBundle;
  readonly commands: CommandRegistry;
  /** Opens an image, under its title where the source has one; never rejects for an image that fails. */
  open(uri: string, source?: string, title?: string): Promise<void>;
  /** What can be done with an image besides opening it, in the order of the menu. */
  actions(uri: string): readonly IItemCommand[];
  /** Inserts code that loads an image; resolves when it is there or the person has been told why not. */
  insert?(uri: string): Promise<void>;
  /** Puts a text on the clipboard; rejects where the browser refuses. */
  copy(text: string): Promise<void>;
  /**
   * A picture of an image's smallest level that fits into `size` × `size` pixels: a `blob:` address, which the one who
   * asked revokes, or a `data:image/…` one; `null` where there is none to make.
   */
  thumbnail?(uri: string, size: number, signal: AbortSignal): Promise<string | null>;
  /** An address that opens the study in this application. */
  studyLink?(study: IStudyName): string;
  isFavourite?(study: IStudyName): boolean;
  toggleFavourite?(study: IStudyName): void;
  /** What can be done with a study besides opening its page, in the order of the menu. */
  studyActions?(study: IStudyName): readonly IItemCommand[];
  /**
   * What a study or image is to the place where it is dropped, by MIME type: data, or a function that is asked for them when
   * they are dropped. `null` where it cannot be dragged.
   */
  dragData?(item: IFavourite): Readonly<Record<string, unknown>> | null;
}
