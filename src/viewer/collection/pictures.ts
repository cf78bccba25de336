import { isAbort, Turns } from '../../core';
import { containedIn } from '../../pixels';
import type { IOpened } from '../../pixels';
import { childOf, segmentsOf } from '../../stores';
import type { IPreviewHost } from '../types';

/** Pictures made at a time: the image that is shown has more to read. */
const PARALLEL = 2;
/** Pixels of a picture's longer side. */
const SIZE = 96;

/** Small pictures of the images of a collection, by way of the session; addresses of what was made are given up at the end. */
export class SeriesPictures {
  constructor(
    private readonly _host: IPreviewHost,
    private readonly _opened: IOpened
  ) {}

  /** Only the session makes them, and it does not look into archives and TIFF files. */
  get isThere(): boolean {
    const { route, place } = this._opened;
    return this._host.thumbnail !== undefined && route === 'session' && place.store !== null && !containedIn(segmentsOf(place));
  }

  /** Address of the picture; `null` where none could be made, which nobody needs to be told. */
  async get(path: string, signal: AbortSignal): Promise<string | null> {
    const made = this._made.get(path);
    if (made !== undefined) {
      return made;
    }
    try {
      const place = childOf(this._opened.place, path);
      const blob = await this._turns.run('', async () => this._host.thumbnail?.(place, SIZE, signal) ?? null, signal);
      const address = blob && !this._isDisposed ? URL.createObjectURL(blob) : null;
      this._made.set(path, address);
      return address;
    } catch (error) {
      if (!isAbort(error)) {
        console.info('jupyterlab-bioimage: no picture of a series', error);
        this._made.set(path, null);
      }
      return null;
    }
  }

  dispose(): void {
    this._isDisposed = true;
    this._made.forEach(address => address && URL.revokeObjectURL(address));
    this._made.clear();
  }

  private readonly _made = new Map<string, string | null>();
  private readonly _turns = new Turns(PARALLEL);
  private _isDisposed = false;
}
