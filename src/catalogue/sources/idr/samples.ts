import { decodeText } from '../../csv';
import { countOf, textOf } from '../../fields';
import { licenceOf } from '../../licence';
import type { IRelayAnswer, IRewrite, Relay } from '../../source';
import { readSampleTable } from '../ngffsamples';
import { accessionOf } from './containers';
import type { IKnown } from './known';
import { withoutUndefined } from './omit';
import { placeOf } from './places';

/** Id of the service that has the table of IDR's OME-Zarr samples. */
export const SAMPLES = 'ngff-samples';

/** The number in the name of a Zarr: IDR names them by image or plate. */
function numberIn(path: string): number | undefined {
  return countOf(/(?:^|\/)(\d{1,15})(?:_labels)?(?:\.ome)?\.zarr\/*$/i.exec(path)?.[1]);
}

/** A row of the table as an image or plate of IDR; `null` where it does not say of which. */
function knownOf(row: Readonly<Record<string, string>>, rewrites: readonly IRewrite[]): IKnown | null {
  const path = textOf(row['File Path']);
  const accession = accessionOf(textOf(row.Study) ?? '');
  if (path === undefined || accession === undefined) {
    return null;
  }
  const isPlate = (countOf(row.Wells) ?? 0) > 0;
  const example = countOf(row['Representative Image ID']);
  const number = numberIn(path);
  const id = isPlate ? (number ?? example) : (example ?? number);
  if (id === undefined) {
    return null;
  }
  const kind = isPlate && number !== undefined ? ('plate' as const) : ('image' as const);
  const size = withoutUndefined({
    x: countOf(row.SizeX),
    y: countOf(row.SizeY),
    z: countOf(row.SizeZ),
    c: countOf(row.SizeC),
    t: countOf(row.SizeT)
  });
  return withoutUndefined({
    accession,
    kind,
    id,
    example: kind === 'plate' ? example : undefined,
    place: withoutUndefined({ ...placeOf(path, rewrites), version: textOf(row['OME-NGFF version']) }),
    // A plate without a number is known by its example image.
    opens: isPlate ? ('plate' as const) : undefined,
    size: Object.keys(size).length === 0 ? undefined : size,
    licence: licenceOf(row.License)?.text
  });
}

/** What the table of samples knows of IDR's images and plates. */
export async function knownSamples(
  relay: Relay,
  rewrites: readonly IRewrite[],
  signal: AbortSignal
): Promise<{ samples: IKnown[]; answer: IRelayAnswer }> {
  const answer = await relay(SAMPLES, '_data/table.csv', {}, signal);
  const { rows } = readSampleTable(decodeText(answer.bytes));
  return { samples: rows.map(row => knownOf(row, rewrites)).filter(one => one !== null), answer };
}
