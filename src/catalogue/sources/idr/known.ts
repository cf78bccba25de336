import type { IImageRecord } from '../../../entities';
import type { IPlace } from './places';
import type { IDownload } from './tables';

/** An image or plate of IDR whose OME-Zarr some table knows. */
export interface IKnown {
  readonly accession: string;
  readonly kind: 'image' | 'plate';
  /** IDR's number of it. */
  readonly id: number;
  readonly place: IPlace;
  /** What opening it shows, where that is something else: the address known for an image of a screen is its plate's. */
  readonly opens?: IImageRecord['kind'];
  /** Of a plate: the number of the image that stands for it. */
  readonly example?: number;
  readonly size?: IImageRecord['size'];
  readonly licence?: string;
}

/** Opening it shows a plate, whatever it is listed as. */
export function isPlate({ kind, opens }: IKnown): boolean {
  return kind === 'plate' || opens === 'plate';
}

const keyOf = (kind: 'image' | 'plate', id: number): string => `${kind}:${id}`;

/** Of two addresses of one image the one that can be viewed is better, then the newer version of OME-Zarr. */
function better(a: IKnown, b: IKnown): boolean {
  const viewable = Number(b.place.reason === undefined) - Number(a.place.reason === undefined);
  const version = ({ place }: IKnown): number => Number(place.version ?? 0);
  return viewable < 0 || (viewable === 0 && version(a) > version(b));
}

/** All images of IDR whose OME-Zarr is known before anybody asks. */
export class KnownImages {
  constructor(images: readonly IKnown[]) {
    for (const image of images) {
      const key = keyOf(image.kind, image.id);
      const other = this.byKey.get(key);
      if (other === undefined || better(image, other)) {
        this.byKey.set(key, image);
      }
    }
    const plates = [...this.byKey.values()].filter(({ kind, place }) => kind === 'plate' && place.reason === undefined);
    const examples = new Set(plates.map(({ accession, example }) => `${accession} ${example}`));
    for (const image of this.byKey.values()) {
      // The same plate, which is listed under its own number.
      if (image.kind === 'image' && isPlate(image) && examples.has(`${image.accession} ${image.id}`)) {
        continue;
      }
      this.byStudy.set(image.accession, [...(this.byStudy.get(image.accession) ?? []), image]);
    }
    this.byStudy.forEach(list => list.sort((a, b) => Number(better(b, a)) - Number(better(a, b)) || a.id - b.id));
  }

  /** The best address of an image or plate. Their numbers are apart: plate 1 is not image 1. */
  get(kind: 'image' | 'plate', id: number): IKnown | undefined {
    return this.byKey.get(keyOf(kind, id));
  }

  /** Those of a study, viewable ones first, then the newest version of the format; a plate is there once. */
  ofStudy(accession: string): readonly IKnown[] {
    return this.byStudy.get(accession) ?? [];
  }

  private readonly byKey = new Map<string, IKnown>();
  private readonly byStudy = new Map<string, IKnown[]>();
}

/** What the table of downloads knows; `isScreen` tells the studies whose addresses are those of plates. */
export function knownDownloads(downloads: readonly IDownload[], isScreen: (accession: string) => boolean): IKnown[] {
  return downloads.flatMap(({ accession, image, place }) =>
    place === undefined
      ? []
      : [
          {
            accession,
            kind: 'image' as const,
            id: image,
            place,
            ...(isScreen(accession) ? { opens: 'plate' as const } : {})
          }
        ]
  );
}
