import { Deck, OrthographicView } from '@deck.gl/core';
import type { Device } from '@luma.gl/core';
import { pixelRatio } from './camera';
import type { ICamera, ISize } from './camera';
import type { ITileContent } from './content';
import { DrawnLayer } from './drawnlayer';
import type { ILayerFrame, ILayerOptions } from './drawnlayer';
import { sameLayers } from './layers';
import { bound, release } from './lifetime';

/** So many lost contexts within `LOSS_WINDOW` ms end the attempts to restore: the graphics driver is not coming back. */
const MAX_LOSSES = 3;
const LOSS_WINDOW = 60_000;

/** What was drawn in the frame just rendered: by id, one entry for each layer wanted. */
export type Frame = ReadonlyMap<string, ILayerFrame>;

/** What a drawing is made from. */
export interface IDrawingOptions {
  parent: HTMLElement;
  /** What is to be drawn now, from below. An option that is the same object as before is the same layer. */
  layers(): readonly ILayerOptions[];
  camera(): ICamera;
  /** What is drawn in, of `parent`. */
  size(): ISize;
  zoomRange(): [number, number];
  /** Whether the preview is still to be seen, after a lost context. */
  wanted(): boolean;
  moved(camera: ICamera): void;
  rendered(frame: Frame): void;
  failed(error: Error): void;
}

/** A drawing context over layers of tiles. Made light: `start` opens the context, `stop` gives it back. */
export class Drawing {
  constructor(private readonly _options: IDrawingOptions) {}

  /** Whether a context is open. */
  get active(): boolean {
    return this._deck !== null;
  }

  /** Opens a context and draws. Tiles are loaded again: the decoded cache answers without a request. */
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
        bound(device);
        if (this._deck === deck) {
          this._device = device;
          this.sync();
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
        // in a lost context everything fails, and all of it comes back with the next one
        const isLost = canvas.getContext('webgl2')?.isContextLost() ?? false;
        // told later: deck.gl may be in the middle of a frame, and ends with the failure
        queueMicrotask(() => {
          if (this._deck === deck && !isLost) {
            this._options.failed(error);
          }
        });
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
    const device = this._device;
    this._deck = null;
    this._canvas = null;
    this._device = null;
    this._layers.forEach(layer => layer.dispose());
    this._layers.clear();
    canvas.removeEventListener('webglcontextlost', this._lost);
    const gl = canvas.getContext('webgl2');
    deck.finalize();
    if (device) {
      release(device);
    }
    gl?.getExtension('WEBGL_lose_context')?.loseContext();
    canvas.remove();
  }

  /** Draws the layers that are wanted now: new ones are added, others go. Returns whether they are others than before. */
  sync(): boolean {
    const device = this._device;
    if (!device || !this._deck) {
      return false;
    }
    this.redraw();
    const wanted = this._options.layers();
    const before = new Map(this._layers);
    if (sameLayers([...before.values()].map(({ options }) => options), wanted)) {
      return false;
    }
    this._layers.clear();
    for (const options of wanted) {
      const known = before.get(options.id);
      if (known?.options === options) {
        before.delete(options.id);
        this._layers.set(options.id, known);
      } else {
        this._layers.set(options.id, new DrawnLayer(device, options));
      }
    }
    this._deck.setProps({ layers: [...this._layers.values()].map(({ layer }) => layer) });
    before.forEach(layer => layer.dispose());
    return true;
  }

  /** Shows another part of the image. */
  look(): void {
    this._deck?.setProps({ ...this._options.size(), viewState: this._viewState() });
  }

  /** How a layer is coloured has changed: one small upload, no tile is touched. */
  tint(id: string): void {
    this._layers.get(id)?.tint();
    this.redraw();
  }

  /** Reads those tiles again for which `stale` holds. */
  reload(id: string, stale: (content: ITileContent) => boolean): void {
    this._layers.get(id)?.reload(stale);
    this.redraw();
  }

  /** Asks again which tiles to draw: the answer has changed while the view has not. */
  choose(id: string): void {
    this._layers.get(id)?.choose();
    this.redraw();
  }

  /** Draws a frame soon, so that `rendered` is called for the present state. */
  redraw(): void {
    this._manager?.setNeedsRedraw('bioimage');
  }

  private _viewState() {
    const { target, zoom } = this._options.camera();
    const [minZoom, maxZoom] = this._options.zoomRange();
    return { target: [target[0], target[1], 0] as [number, number, number], zoom, minZoom, maxZoom };
  }

  /** Protected in deck.gl 9.2: there is no public way from a Deck to its live layers. */
  private get _manager(): { setNeedsRedraw(reason: string): void } | null {
    return (this._deck as unknown as { layerManager: Drawing['_manager'] } | null)?.layerManager ?? null;
  }

  private _rendered(deck: Deck<OrthographicView>): void {
    const viewport = deck.getViewports()[0];
    if (viewport && this._layers.size > 0) {
      this._options.rendered(new Map([...this._layers].map(([id, layer]) => [id, layer.frame(viewport)])));
    }
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

  private readonly _layers = new Map<string, DrawnLayer>();
  private _deck: Deck<OrthographicView> | null = null;
  private _canvas: HTMLCanvasElement | null = null;
  private _device: Device | null = null;
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
