import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import type { BioImageClient, ICatalogues, IManners } from '../api';
import type { ICatalogueSource } from '../catalogue';
import type { ISelection, IStoreInfo } from '../entities';
import type { ISnippetInput, ISnippetTemplate } from '../snippets';
import type { IResolved } from '../stores';
import type { PreviewWidget } from '../viewer';

/** Where other extensions add their sources of images and studies; the panel shows them among its own. */
export interface IBioImageCatalogue {
  /** Adds a source and returns what removes it. The same id twice throws. */
  add(source: ICatalogueSource): IDisposable;
  /** All sources, by rank and then in the order they were added. */
  readonly sources: readonly ICatalogueSource[];
  readonly changed: ISignal<IBioImageCatalogue, void>;
  /** Adds the sources that depend on the stores of this session. Asks the server once; again after a failure. */
  populate(): Promise<void>;
}

export const IBioImageCatalogue = new Token<IBioImageCatalogue>(
  'jupyterlab-bioimage:IBioImageCatalogue',
  'The sources of images and studies that the panel searches. Add your own with `add`.'
);

/** Where other extensions add templates of code. */
export interface IBioImageSnippets {
  /** Adds a template and returns what removes it. The same id twice throws. */
  add(template: ISnippetTemplate): IDisposable;
  /**
   * The template of that id; without an id the preferred one, or the first that can read the image where that one cannot.
   * Built-in ones are loaded first.
   */
  template(id: string | undefined, input: ISnippetInput): Promise<ISnippetTemplate | undefined>;
}

export const IBioImageSnippets = new Token<IBioImageSnippets>(
  'jupyterlab-bioimage:IBioImageSnippets',
  'The templates of code that loads an image. Add your own with `add`.'
);

/** How an image is opened. */
export interface IOpenOptions {
  /** Id of the source that lists it. */
  source?: string;
  /** What it is called there; else its address tells. */
  title?: string;
  /** The view to show, also in a tab that is open: what is absent stays as it is there. */
  selection?: ISelection;
  /** A new tab is put behind the tab of this widget; else behind the current one. */
  after?: Widget;
  /** A new tab takes the place of this widget, which whoever made it closes afterwards. */
  instead?: Widget;
}

/** The previews that are open, and the way to open one. */
export interface IBioImagePreviews {
  /** Opens an image in a tab, or shows the tab it has; resolves with the widget id, whatever becomes of the image. */
  open(uri: string, options?: IOpenOptions): Promise<string>;
  /** The preview of that image, or the current one without a URI. */
  find(uri?: string): PreviewWidget | null;
  /** URIs opened lately, newest first. */
  readonly recent: readonly string[];
  readonly recentChanged: ISignal<IBioImagePreviews, void>;
}

export const IBioImagePreviews = new Token<IBioImagePreviews>(
  'jupyterlab-bioimage:IBioImagePreviews',
  'Opens previews of images and finds those that are open.'
);

/** The panel in the sidebar, for the other plugins of this package. */
export interface IBioImagePanel {
  /** Shows and focuses the panel. */
  show(): Promise<void>;
  /** Shows the panel and searches; resolves when all sources have answered or failed. */
  search(query: string, sources?: readonly string[]): Promise<void>;
  /** Shows the panel and does what Enter does: opens the study or image that the text names, else searches for it. */
  follow(text: string): Promise<void>;
  /** Shows the page of a study. */
  openStudy(source: string, accession: string): Promise<void>;
}

export const IBioImagePanel = new Token<IBioImagePanel>('jupyterlab-bioimage:IBioImagePanel');

/** What this session can read, and how. Private to this package. */
export interface IBioImageSession {
  /** Typed client of our server routes. */
  client(): Promise<BioImageClient>;
  /** The stores of the session: asked once, again after a failure. */
  stores(): Promise<readonly IStoreInfo[]>;
  /** The services and rewrites of the relay: asked once, again after a failure. */
  catalogues(): Promise<ICatalogues>;
  /** How the services are treated at the moment. */
  readonly manners: IManners;
  /** How the relay treats the services from now on. */
  setManners(manners: IManners): void;
  /** From an address to a store, by the table of what has moved; without a server, public addresses still resolve. */
  resolve(uri: string): Promise<IResolved>;
  /**
   * Another place for an image that is not where its address says, `null` where none can be known; rejects with NOT_FOUND,
   * naming the address, where the image has been moved or removed.
   */
  relocate(uri: string, signal: AbortSignal): Promise<IResolved | null>;
}

export const IBioImageSession = new Token<IBioImageSession>('jupyterlab-bioimage:IBioImageSession');
