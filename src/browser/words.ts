import type { TranslationBundle } from '@jupyterlab/translation';

import type { FacetId, IStudy } from '../entities';

// In seconds.
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Made once: making one costs more than a row of the list. */
const NUMBERS = new Intl.NumberFormat();

/** A number as people write it. */
export function numberText(value: number): string {
  return NUMBERS.format(value);
}

/** What a facet is called. */
export function facetLabel(facet: FacetId, trans: TranslationBundle): string {
  switch (facet) {
    case 'source':
      return trans.__('Source');
    case 'organism':
      return trans.__('Organism');
    case 'imaging_method':
      return trans.__('Imaging method');
    case 'year':
      return trans.__('Year');
    case 'licence':
      return trans.__('Licence');
    case 'study_type':
      return trans.__('Study type');
    case 'ome_zarr':
      return trans.__('Can be viewed');
    case 'dimensions':
      return trans.__('Dimensions');
    case 'file_type':
      return trans.__('File type');
    case 'gene':
      return trans.__('Gene');
    case 'phenotype':
      return trans.__('Phenotype');
    case 'compound':
      return trans.__('Compound');
    case 'antibody':
      return trans.__('Antibody');
    case 'sirna':
      return trans.__('siRNA');
    case 'cell_line':
      return trans.__('Cell line');
    default:
      return facet;
  }
}

/** How long ago an answer was given; `age` in seconds. */
export function ageText(age: number | undefined, trans: TranslationBundle): string {
  if (age === undefined) {
    return trans.__('from an earlier answer');
  }
  if (age < HOUR) {
    // An answer of this second is "1 minute" old: nobody needs it closer.
    const minutes = Math.max(1, Math.round(age / MINUTE));
    return trans._n('from %1 minute ago', 'from %1 minutes ago', minutes);
  }
  return age < DAY
    ? trans._n('from %1 hour ago', 'from %1 hours ago', Math.round(age / HOUR))
    : trans._n('from %1 day ago', 'from %1 days ago', Math.round(age / DAY));
}

/** How many images a study has and how many of them can be viewed, as far as that is known. */
export function viewableText({ images, viewable }: IStudy, trans: TranslationBundle): string {
  if (images === undefined) {
    return viewable === undefined
      ? trans.__('images are listed on its page')
      : trans._n('%2 image can be viewed', '%2 images can be viewed', viewable, numberText(viewable));
  }
  return viewable === undefined
    ? trans._n('%2 image', '%2 images', images, numberText(images))
    : trans._n(
        '%3 of %2 image can be viewed',
        '%3 of %2 images can be viewed',
        images,
        numberText(images),
        numberText(viewable)
      );
}
