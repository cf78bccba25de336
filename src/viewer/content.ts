import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import type { BioImageError } from '../core';
import type { ISelection } from '../entities';
import type { IDecoder, IOpened } from '../pixels';
import type { IResolved, ISessionTransport } from '../stores';
import type { IStep } from './navigation';
import type { StandIn } from './standin';
import type { IPreviewHost, IStageModule } from './types';

/** Widgets around and in the view; each has its own place in the grid of the preview. */
export interface IParts {
  readonly tools?: Widget;
  /** Beside the view, left of it: what is chosen from. */
  readonly list?: Widget;
  /** In place of the view that images are drawn in. */
  readonly main?: Widget;
  readonly side?: Widget;
  readonly foot?: Widget;
}

/** What a place of a preview shows, once it is known what lies there. */
export interface IContent extends IDisposable {
  readonly parts: IParts;
  /** All of it is on the screen. */
  readonly exact: boolean;
  /** Damaged parts that are marked where they are. */
  readonly damaged: number;
  /** A display-only picture stands in for part of it. */
  readonly standIn?: boolean;
  /** Reads outstanding. */
  readonly pending: number;
  /** Nothing goes on before a person has chosen. */
  readonly asking?: boolean;
  /** Set when nothing can be shown here. */
  readonly failure: BioImageError | null;
  /** The view as code would load it, and as it is to be restored; without the place. */
  readonly selection: ISelection;
  readonly state: ISelection;
  readonly changed: ISignal<unknown, void>;
  /** Shows another part: what the selection leaves out stays as it is. */
  select(selection: ISelection): void;
  /** It is on the screen from now on, or no longer; twice is harmless. What has been read is kept. */
  start(): void;
  stop(): void;
  /** Nothing has come for a while: what could have been missed is asked for again. */
  nudge?(): void;
  /** Takes the focus to where it was. */
  focus(): void;
  /** The place at this path is shown beside it. */
  beside?(path: string): void;
}

/** What a content is made from. */
export interface IContentOptions {
  readonly opened: IOpened;
  readonly decoder: IDecoder;
  /** The routes of the session, where there are any. */
  readonly transport?: ISessionTransport;
  readonly host: IPreviewHost;
  /** Address of the place, for people; and what it is called where it was found. */
  readonly uri: string;
  readonly name?: string;
  /** How the pixels come here, in words. */
  readonly route: string;
  /** What is to be shown at first, without the place. */
  readonly selection: ISelection;
  /** The element that images are drawn in. */
  readonly view: Widget;
  readonly standIn: StandIn | null;
  /** Of a well that was opened from its plate: where that is, and its name there. */
  readonly plate?: { readonly place: IResolved; readonly well: string };
  readonly stage: () => Promise<IStageModule>;
  readonly fullScreen: () => void;
  /** Goes on to what lies here; `through` where Back shall not stop here. */
  readonly enter: (step: IStep) => void;
}

/** Makes the content of one kind of node. */
export type ContentMaker = (options: IContentOptions) => Promise<IContent> | IContent;
