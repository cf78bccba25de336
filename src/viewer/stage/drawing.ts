import { Deck, OrthographicView } from '@deck.gl/core';
import type { Device, Texture } from '@luma.gl/core';
import { TileLayer } from '@deck.gl/geo-layers';
import type { _Tile2DHeader, _TileLoadProps } from '@deck.gl/geo-layers';
import { pixelRatio } from './camera';
import type { ICamera, ISize } from './camera';
import type { ITileContent } from './content';
import type { IBox, ILevelGeometry, ITileIndex } from './geometry';
import { PlaneLayer, integerTexture } from './planelayer';
import type { WordFormat } from './planelayer';
import { isExact, tilesetOver } from './tileset';
import type { ILevelTileset, ITileChoice } from './tileset';

/** Texture memory and raw words kept for tiles out of view, in bytes. Decoded chunks have their own cache. */
const TILE_CACHE = 128 * 2 ** 20;

/** So many lost contexts within `LOSS_WINDOW` ms end the attempts to restore: the graphics driver is not coming back. */
const MAX_LOSSES = 3;
const LOSS_WINDOW = 60_000;

/** What was drawn in the frame just rendered. */
export interface IFrame {
  /** Every selected tile is loaded, current and drawn, and nothing else is. */
  exact: boolean;
  /** Contents of the selected tiles that are loaded. */
  contents: readonly ITileContent[];
}

/** What a drawing is made from. */
export interface IDrawingOptions {
  parent: HTMLElement;
  levels: readonly ILevelGeometry[];
  format: WordFormat;
  /** Fragment shader, see `shader.ts`. */
  shader: string;
  tiles: ITileChoice;
  /** Reads one tile; resolves also for damaged ones, rejects only when cancelled. */
  load: (tile: ITileIndex, signal: AbortSignal) => Promise<ITileContent>;
  /** Whether a tile's content is of the plane and channels shown now. */
  current: (content: ITileContent) => boolean;
  camera(): ICamera;
  /** What is drawn in, of `parent`. */
  size(): ISize;
  zoomRange(): [number, number];
  table(): Uint32Array;
  /** Whether the preview is still to be seen, after a lost context. */
  wanted(): boolean;
  moved(camera: ICamera): void;
  rendered(frame: IFrame): void;
  failed(error: Error): void;
}

/** A drawing context over one pyramid. Made light: `start` opens the context, `stop` gives it back. */
export class Drawing {
  constructor(private readonly _options: IDrawingOptions) {}

  /** Whether a context is open. */
  get active(): boolean {
    return this._deck !== null;
  }

  /** Opens a context and draws. Tiles come from `load` again: the decoded cache answers without a request. */
  start(): void {
    if (this._deck) {
      return;
    }
    if (!hasWebGL2()) {
      // told later: whoever starts is not ready for an answer yet
      queueMicrotask(() => this._options.failed(new Error('no WebGL 2 context')));
      return;
    }
    const { parent } = this._options;
    const canvas = document.createElement('canvas');
    canvas.className = 'jp-BioImagePreview-canvas';
    canvas.addEventListener('webglcontextlost', this._lost);
    parent.prepend(canvas);
    this._canvas = canvas;
    const deck = new Deck({
      parent: parent as HTMLDivElement,
      canvas,
      views: new OrthographicView({ id: 'plane', flipY: true, controller: CONTROLLER }),
      viewState: this._viewState(),
      ...this._options.size(),
      useDevicePixels: pixelRatio(),
      // antialiasing blends the borders of tiles: wrong values and seams
      deviceProps: { type: 'webgl', webgl: { antialias: false } },
      _pickable: false,
      getCursor: ({ isDragging }) => (isDragging ? 'grabbing' : 'crosshair'),
      onDeviceInitialized: device => {
        if (this._deck === deck) {
          this._ready(device);
        }
      },
      onViewStateChange: ({ viewState }) => {
        const { target, zoom } = viewState as { target: number[]; zoom: number };
        this._options.moved({ target: [target[0], target[1]], zoom });
      },
      onAfterRender: () => {
        if (this._deck === deck) {
          this._rendered(deck);
        }
      },
      onError: error => {
        if (this._deck === deck && !this._device) {
          this._options.failed(error);
        }
      }
    });
    this._deck = deck;
  }

  /** Ends drawing and gives the context back at once: `finalize` alone keeps it alive, and browsers allow about 16. */
  stop(): void {
    const deck = this._deck;
    const canvas = this._canvas;
    if (!deck || !canvas) {
      return;
    }
    this._deck = null;
    this._canvas = null;
    this._device = null;
    this._table?.destroy();
    this._table = null;
    canvas.removeEventListener('webglcontextlost', this._lost);
    const gl = canvas.getContext('webgl2');
    deck.finalize();
    gl?.getExtension('WEBGL_lose_context')?.loseContext();
    canvas.remove();
  }

  /** Shows another part of the image. */
  look(): void {
    this._deck?.setProps({ ...this._options.size(), viewState: this._viewState() });
  }

  /** Colours, visibility or contrast have changed: one small upload, no tile is touched. */
  tint(): void {
    this._table?.copyImageData({ data: this._options.table() });
    this.redraw();
  }

  /** Reads those tiles again for which `stale` holds. */
  reload(stale: (content: ITileContent) => boolean): void {
    this._tileset?.reloadWhere(stale);
    this._update();
  }

  /** Asks again which tiles to draw: the answer has changed while the view has not. */
  choose(): void {
    const set = this._tileset;
    if (set) {
      set._viewport = null;
    }
    this._update();
  }

  /** Draws a frame soon, so that `rendered` is called for the present state. */
  redraw(): void {
    this._manager?.setNeedsRedraw('bioimage');
  }

  private _update(): void {
    this._layer?.setNeedsUpdate();
    this.redraw();
  }

  private _viewState() {
    const { target, zoom } = this._options.camera();
    const [minZoom, maxZoom] = this._options.zoomRange();
    return { target: [target[0], target[1], 0] as [number, number, number], zoom, minZoom, maxZoom };
  }

  private _ready(device: Device): void {
    this._device = device;
    const data = this._options.table();
    this._table = integerTexture(device, 'rgba32uint', { width: data.length / 8, height: 2, depth: 1 }, data);
    // the layer manager does not exist yet: deck.gl makes it after this callback
    this._deck?.setProps({ layers: [this._makeLayer(this._table)] });
  }

  private _makeLayer(table: Texture): TileLayer<ITileContent> {
    const { format, shader, load, levels, tiles } = this._options;
    return new TileLayer<ITileContent>({
      id: 'tiles',
      TilesetClass: tilesetOver(levels, tiles),
      maxRequests: 0, // order and number of requests are the store's business
      maxCacheByteSize: TILE_CACHE,
      getTileData: (props: _TileLoadProps) => {
        const { x, y, z } = props.index;
        return load({ x, y, level: -z }, props.signal ?? new AbortController().signal);
      },
      renderSubLayers: props => {
        const { data, tile } = props as unknown as { data: ITileContent; tile: _Tile2DHeader<ITileContent> };
        const place = tile.bbox as IBox;
        return new PlaneLayer({ id: `plane-${tile.id}`, content: data, place, format, shader, table, parameters: { blend: false } });
      }
    });
  }

  /** Protected in deck.gl 9.2: there is no public way from a Deck to its live layers. */
  private get _manager(): { getLayers(): unknown[]; setNeedsRedraw(reason: string): void } | null {
    return (this._deck as unknown as { layerManager: Drawing['_manager'] } | null)?.layerManager ?? null;
  }

  private get _layer(): TileLayer<ITileContent> | undefined {
    return this._manager?.getLayers().find((layer): layer is TileLayer<ITileContent> => layer instanceof TileLayer);
  }

  private get _tileset(): ILevelTileset<ITileContent> | null {
    return (this._layer?.state?.tileset ?? null) as unknown as ILevelTileset<ITileContent> | null;
  }

  private _rendered(deck: Deck<OrthographicView>): void {
    const set = this._tileset;
    const viewport = deck.getViewports()[0];
    if (!set || !viewport) {
      return;
    }
    const exact = isExact(set, viewport, this._options.current);
    const contents = (set.selectedTiles ?? []).flatMap(tile => (tile.content ? [tile.content] : []));
    this._options.rendered({ exact, contents });
  }

  private readonly _lost = (event: Event): void => {
    event.preventDefault(); // else the browser never restores
    this.stop();
    const now = performance.now();
    this._losses = [...this._losses.filter(at => now - at < LOSS_WINDOW), now];
    if (this._losses.length > MAX_LOSSES) {
      this._options.failed(new Error('WebGL context lost'));
      return;
    }
    setTimeout(() => {
      if (this._options.wanted()) {
        this.start();
      }
    }, 0);
  };

  private _deck: Deck<OrthographicView> | null = null;
  private _canvas: HTMLCanvasElement | null = null;
  private _device: Device | null = null;
  private _table: Texture | null = null;
  private _losses: number[] = [];
}

let webgl2: boolean | undefined;

/** Whether the page can have a context at all; asked once, for luma.gl fails noisily where there is none. */
function hasWebGL2(): boolean {
  if (!webgl2) {
    const gl = document.createElement('canvas').getContext('webgl2');
    webgl2 = gl !== null;
    gl?.getExtension('WEBGL_lose_context')?.loseContext();
  }
  return webgl2;
}

/** Keyboard and double click are ours: one way for all, with the same steps. */
const CONTROLLER = { keyboard: false, doubleClickZoom: false, inertia: false, dragRotate: false, touchRotate: false, scrollZoom: { speed: 0.01, smooth: false } };
