import { BioImageError, isAbort, isBioImageError, say, throwIfAborted, toBioImageError, Turns } from '../../core';
import type { IPlateFrame, IPlateHead, IPlateView } from '../../entities';
import { openNode } from '../../ngff';
import type { IImage, IPlate, IWell } from '../../ngff';
import type { IOpened, Pyramid } from '../../pixels';
import { below } from '../../stores';
import type { IReadableStore } from '../../stores';
import { ViewModel } from '../stage/model';
import type { Picture } from './cells';
import { commonWindow, compose, levelFor } from './compose';
import type { IPixels, ITint } from './compose';
import type { IPictureListener, PictureSource } from './source';

/** Wells that are read at a time. */
const PARALLEL = 4;
/** Images that the common contrast is found from, spread over the board. */
const SAMPLE = 4;

/** One picture to make: where its image is, and the frame that tells of it. */
interface IJob {
  readonly frame: Omit<IPlateFrame, 'state'>;
  /** The image, and how many fields its well has; `null`: there is none. */
  image(signal: AbortSignal): Promise<{ path: string; fields?: number } | null>;
}

/** What pictures are read from. */
export interface IReadFrom {
  readonly opened: Pick<IOpened, 'store' | 'pyramidOf'>;
  /** Stands in for the canvas, in tests. */
  paint?(pixels: IPixels): Picture;
}

/** Pictures of the wells of a plate, read and composed here: where no server does it, or the plate lies in an archive. */
export function plateReading(plate: IPlate, from: IReadFrom): PictureSource {
  const wells = new Map<string, Promise<IWell | null>>();
  return reading(from, (view, count) => {
    count(plate.wells.length);
    return [...plate.wells]
      .sort((a, b) => a.row - b.row || a.column - b.column)
      .map(({ row, column, path }) => ({
        frame: { type: 'well', row, column },
        image: async signal => {
          const well = await remembered(wells, path, () => wellAt(from.opened.store, path, signal));
          const fields = well?.fields.filter(field => view.acquisition === undefined || field.acquisition === view.acquisition) ?? [];
          const field = fields[Math.min(view.field ?? 0, fields.length - 1)] as IWell['fields'][number] | undefined;
          return field ? { path: `${path}/${field.path}`, fields: fields.length } : null;
        }
      }));
  });
}

/** Pictures of the fields of one well; `from` is rooted at the well. */
export function wellReading(well: IWell, from: IReadFrom): PictureSource {
  return reading(from, (_, count) => {
    count(well.fields.length);
    return well.fields.map(({ path }, field) => ({ frame: { type: 'field', field }, image: () => Promise.resolve({ path }) }));
  });
}

/** A well's metadata; `null` where there are none. */
async function wellAt(store: IReadableStore, path: string, signal: AbortSignal): Promise<IWell | null> {
  try {
    const node = await openNode(below(store, path), signal, { speculate: false });
    return node.kind === 'well' ? node : null;
  } catch (error) {
    if (isBioImageError(error, 'NOT_FOUND')) {
      return null;
    }
    throw error;
  }
}

/** What failed is asked for again the next time. */
function remembered<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let made = map.get(key);
  if (!made) {
    made = make();
    map.set(key, made);
    made.catch(() => map.delete(key));
  }
  return made;
}

function reading(from: IReadFrom, plan: (view: IPlateView, count: (n: number) => void) => readonly IJob[]): PictureSource {
  return async (view, listener, signal) => {
    let count = 0;
    const jobs = plan(view, n => (count = n));
    const opened = new Map<string, Promise<Pyramid>>();
    try {
      const images = new Images(from, opened);
      const { tints, others } = await images.contrast(jobs, view, signal);
      const channels = tints.map(({ index, label, color, window }) => ({ index, label, color, window }));
      listener.head({ count, channels, others });
      const turns = new Turns(PARALLEL);
      await Promise.all(jobs.map(job => turns.run('', () => images.picture(job, tints, view.size, listener, signal), signal)));
    } finally {
      opened.forEach(pyramid => void pyramid.then(one => one.dispose()).catch(() => undefined)); // told with its well
    }
  };
}

interface INamedTint extends ITint {
  readonly label: string;
}

interface ITints {
  readonly tints: readonly INamedTint[];
  readonly others: NonNullable<IPlateHead['others']>;
}

/** The images of one round of pictures. */
class Images {
  constructor(
    private readonly _from: IReadFrom,
    private readonly _opened: Map<string, Promise<Pyramid>>
  ) {}

  /** One contrast for all: that of the metadata of the first image there is, else found over a few that are spread. */
  async contrast(jobs: readonly IJob[], view: IPlateView, signal: AbortSignal): Promise<ITints> {
    const step = Math.max(1, Math.floor(jobs.length / SAMPLE));
    const spread = jobs.filter((_, i) => i % step === 0);
    const others = jobs.filter((_, i) => i % step !== 0);
    const sample: Pyramid[] = [];
    for (const job of [...spread, ...others]) {
      if (sample.length >= SAMPLE || (sample.length > 0 && others.includes(job))) {
        break;
      }
      const pyramid = await this._quiet(job, signal);
      if (pyramid) {
        sample.push(pyramid);
      }
    }
    const first = sample.at(0);
    return first ? this._tints(first.image, sample, view, signal) : { tints: [], others: [] };
  }

  /** Reads and composes one picture, and tells of it; only an end that was asked for is thrown. */
  async picture(job: IJob, tints: readonly INamedTint[], size: number, listener: IPictureListener, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    try {
      const place = await job.image(signal);
      if (!place) {
        return listener.cell({ ...job.frame, state: 'absent' }, null);
      }
      const pyramid = await this._open(place.path, signal);
      const level = levelFor(pyramid.levels, size);
      if (!level) {
        throw new BioImageError('TOO_LARGE', say`There is no smaller version of this image.`);
      }
      const there = tints.filter(({ index }) => index < pyramid.image.channels.length);
      const pixels = await compose(pyramid.image, level, there, size, signal);
      throwIfAborted(signal);
      const { width, height, damaged } = pixels;
      const { fields } = place;
      const flaw = damaged && { code: damaged.code, message: damaged.said.message };
      listener.cell({ ...job.frame, state: 'picture', width, height, fields, ...flaw }, (this._from.paint ?? paint)(pixels));
      pyramid.dispose();
      this._opened.delete(place.path);
    } catch (error) {
      if (signal.aborted || isAbort(error)) {
        throw error;
      }
      const { code, said } = toBioImageError(error);
      listener.cell({ ...job.frame, state: code === 'NOT_FOUND' ? 'absent' : 'failed', code, message: said.message }, null);
    }
  }

  private async _tints(image: IImage, sample: readonly Pyramid[], view: IPlateView, signal: AbortSignal): Promise<ITints> {
    const model = new ViewModel(image, view.c ? { c: [...view.c] } : {}, index => `Channel ${index}`);
    const isShown = (index: number): boolean => (view.c ?? model.visible).includes(index);
    const shown = model.channels.filter(({ index }) => isShown(index));
    const others = model.channels.filter(({ index }) => !isShown(index));
    const tints = shown.map(async ({ index, label, color, range }) => {
      const asked = view.windows?.[view.c?.indexOf(index) ?? -1];
      const window = asked ?? range ?? (await commonWindow(sample, index, signal)) ?? ([0, 1] as const);
      return { index, label, color, window };
    });
    return { tints: await Promise.all(tints), others: others.map(({ index, label, color }) => ({ index, label, color })) };
  }

  private async _quiet(job: IJob, signal: AbortSignal): Promise<Pyramid | null> {
    try {
      const place = await job.image(signal);
      return place && (await this._open(place.path, signal));
    } catch (error) {
      if (signal.aborted || !isBioImageError(error)) {
        throw error;
      }
      return null; // told with its own picture
    }
  }

  private _open(path: string, signal: AbortSignal): Promise<Pyramid> {
    return remembered(this._opened, path, async () => {
      const { opened } = this._from;
      const node = await openNode(below(opened.store, path), signal, { speculate: false });
      if (node.kind !== 'image') {
        throw new BioImageError('BAD_METADATA', say`This field is not an image.`);
      }
      return opened.pyramidOf(node, path);
    });
  }
}

function paint({ width, height, data }: IPixels): Picture {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext('2d')?.putImageData(new ImageData(data, width, height), 0, 0);
  return canvas;
}
