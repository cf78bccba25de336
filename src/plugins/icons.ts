import { LabIcon } from '@jupyterlab/ui-components';

import bioimageSvg from '../../style/icons/bioimage.svg';
import zarrSvg from '../../style/icons/omezarr.svg';

/** The panel, and the tabs of previews. */
export const bioimageIcon = new LabIcon({ name: 'jupyterlab-bioimage:bioimage', svgstr: bioimageSvg });

/** A folder that is an OME-Zarr image. */
export const omeZarrIcon = new LabIcon({ name: 'jupyterlab-bioimage:ome-zarr', svgstr: zarrSvg });
