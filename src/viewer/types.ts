import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import type { BioImageError } from '../core';
import type { IArrayPlane, IPlanePicture, ISelection } from '../entities';
import type { IComplaint } from '../ngff';
import type { ILabelImages, IOpenEnvironment, openImage, Pyramid } from '../pixels';
import type { IResolved } from '../stores';
import type { ICamera, ISize } from './stage/camera';

/** What a preview needs from where it lives. */
export interface IPreviewHost {
  /** The store and key that an address names. */
  resolve(uri: string): Promise<IResolved>;
  /**
   * Another place for an image that is not where `resolve` said: `null` where none can be known, NOT_FOUND with the words
   * for the person where it has been moved or removed.
   */
  relocate?(uri: string, signal: AbortSignal): Promise<IResolved | null>;
  /** Called once per opening; the decoder in it belongs to the preview, which disposes it (see `sharedDecoder`). */
  environment(): IOpenEnvironment;
  /** Asks the person whether the browser may read from a host that no store answers for. */
  confirmHost(host: string): Promise<boolean>;
  /** Inserts code that loads the selection. */
  insert(uri: string, selection: ISelection): void;
  /** Opens another preview: what lies above of what is shown. Without it there is no button for that. */
  open?(uri: string): void;
  copy(text: string): Promise<void>;
  /** Copies a link that reopens this view. Without it there is no button for that. */
  copyLink?(uri: string, state: ISelection): Promise<void>;
  /** A display-only picture by way of the session; `null` where no store of it answers. Without it lists have no pictures. */
  thumbnail?(place: IResolved, size: number, signal: AbortSignal): Promise<Blob | null>;
  /** Shows where one signs in again. */
  login?(): void;
  readonly trans: TranslationBundle;
}

/** What a stage is made from. */
export interface IStageOptions {
  /** The element that is drawn in; it has a size by now. */
  view: HTMLElement;
  pyramid: Pyramid;
  selection: ISelection;
  uri: string;
  /** What the image is called where it was found. */
  name?: string;
  /** How the pixels come here, in words. */
  route: string;
  host: IPreviewHost;
  fullScreen: () => void;
  /** Label images to lay over it, asked for once the image itself is exact; see `IOpened.labels`. */
  labels?: (signal?: AbortSignal) => Promise<ILabelImages>;
  /** Shows other axes of the array as the plane; only where the image is a bare array of more than two axes. */
  showAxes?: (plane: IArrayPlane) => void;
  /** A display-only picture of a part that is too large to read, made by the server; absent where no server is asked. */
  reduced?: (selection: ISelection, size: { width: number; height: number }, signal: AbortSignal) => Promise<IPlanePicture>;
  /** What the specification says against the metadata; asked for once the image itself is exact. */
  complaints?: (signal: AbortSignal) => Promise<readonly IComplaint[]>;
}

/** The drawing half of a preview: loaded only when there is something to draw. */
export interface IStage extends IDisposable {
  readonly toolbar: Widget;
  readonly controls: Widget;
  readonly footer: Widget;
  /** What is drawn is exact at the shown level. */
  readonly exact: boolean;
  /** Damaged tiles in the view. */
  readonly damaged: number;
  /** A display-only picture stands in for what is too large to read. */
  readonly standIn?: boolean;
  /** Nothing goes on before a person has chosen. */
  readonly asking?: boolean;
  /** Set when nothing can be drawn here. */
  readonly failure: BioImageError | null;
  /** The view as code would load it, the level drawn included. */
  readonly selection: ISelection;
  /** The view as it is to be restored: a level only where one is pinned. */
  readonly state: ISelection;
  readonly camera: ICamera;
  readonly size: ISize;
  readonly changed: ISignal<IStage, void>;
  /** Shows another part: what the selection leaves out stays as it is. */
  select(selection: ISelection): void;
  /** Asks again what to draw, and draws. */
  choose?(): void;
  /** Opens a drawing context; twice is harmless. */
  start(): void;
  /** Gives the drawing context back; the view is kept. */
  stop(): void;
}

/** The module behind `import('./stage')`. */
export interface IStageModule {
  createStage: (options: IStageOptions) => IStage;
}

/** The opening half, so that tests can stand in for it. */
export type OpenImage = typeof openImage;

/** What a preview is made from. */
export interface IPreviewOptions {
  uri: string;
  /** What the image is called where it was found; else its address tells. */
  title?: string;
  selection?: ISelection;
  host: IPreviewHost;
  /** Stands in for opening, in tests. */
  open?: OpenImage;
  /** Stands in for the drawing half, in tests. */
  loadStage?: () => Promise<IStageModule>;
}
