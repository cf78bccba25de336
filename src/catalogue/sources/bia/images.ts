import { say } from '../../../core';
import type { IImageRecord } from '../../../entities';
import { imageStudyPage } from '../../accession';
import { dimensionsOf, facetValues, HAS_OME_ZARR } from '../../facets';
import { formatOf } from '../../formats';
import { rewritten } from '../../moved';
import type { IRewrite } from '../../source';
import { zarrUri } from './wire';
import type { IImage, IRepresentation } from './wire';

/** What an image's record is made with. */
export interface IRecordContext {
  readonly source: string;
  readonly rewrites: readonly IRewrite[];
  readonly study?: { readonly accession: string; readonly title: string; readonly licence?: string };
}

/** The representation that is opened: the one the archive recommends, else the first that is OME-Zarr. */
export function chosen(image: IImage, representations: readonly IRepresentation[]): IRepresentation | undefined {
  const zarrs = representations.filter(one => one.image === image.uuid && zarrUri(one) !== undefined);
  return zarrs.find(({ uuid }) => uuid === image.recommended) ?? zarrs.at(0);
}

/** Its label, else the name of the original file, whose folder describes it. */
function titleOf({ uuid, label, pattern }: IImage): { title: string; description?: string } {
  const at = pattern?.lastIndexOf('/') ?? -1;
  const name = pattern?.slice(at + 1);
  const folder = at > 0 ? pattern?.slice(0, at) : undefined;
  return { title: label ?? name ?? uuid, ...(folder === undefined ? {} : { description: folder }) };
}

/**
 * The record of an image. Physical sizes of the archive are not taken over: many are a printer's 72 dots per inch; what the
 * OME-Zarr says itself is read when it is opened.
 */
export function recordOf(
  image: IImage,
  representations: readonly IRepresentation[],
  context: IRecordContext
): IImageRecord {
  const { source, rewrites, study } = context;
  const shown = chosen(image, representations);
  const address = shown === undefined ? undefined : zarrUri(shown);
  const original = formatOf(image.pattern ?? '');
  const base = {
    id: image.uuid,
    source,
    ...titleOf(image),
    ...(image.dataset === '' ? {} : { dataset: image.dataset }),
    ...(study === undefined
      ? {}
      : { study: { accession: study.accession, title: study.title }, page: imageStudyPage(study.accession) }),
    ...(study?.licence === undefined ? {} : { licence: study.licence })
  };
  if (shown === undefined || address === undefined) {
    return {
      ...base,
      uri: '',
      viewable: false,
      convertible: original !== undefined,
      reason: original?.reason ?? NOT_CONVERTED,
      ...(original === undefined ? {} : { format: original.format })
    };
  }
  return {
    ...base,
    ...rewritten(address, rewrites),
    viewable: true,
    format: shown.format.replace(/^\./, ''),
    ...(Object.keys(shown.size).length === 0 ? {} : { size: shown.size }),
    ...(shown.bytes === undefined ? {} : { bytes: shown.bytes }),
    facets: facetValues({ dimensions: dimensionsOf(shown.size), ome_zarr: [HAS_OME_ZARR] })
  };
}

const NOT_CONVERTED = say`The archive has not converted this image to OME-Zarr.`;
