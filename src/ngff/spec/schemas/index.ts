import v01Image from './0.1/image.schema.json';
import v01Plate from './0.1/plate.schema.json';
import v01StrictImage from './0.1/strict_image.schema.json';
import v01Well from './0.1/well.schema.json';
import v02Image from './0.2/image.schema.json';
import v02Plate from './0.2/plate.schema.json';
import v02Well from './0.2/well.schema.json';
import v03Image from './0.3/image.schema.json';
import v03Plate from './0.3/plate.schema.json';
import v03StrictImage from './0.3/strict_image.schema.json';
import v03Well from './0.3/well.schema.json';
import v04Bf2raw from './0.4/bf2raw.schema.json';
import v04Image from './0.4/image.schema.json';
import v04Label from './0.4/label.schema.json';
import v04Ome from './0.4/ome.schema.json';
import v04Plate from './0.4/plate.schema.json';
import v04StrictImage from './0.4/strict_image.schema.json';
import v04StrictLabel from './0.4/strict_label.schema.json';
import v04StrictPlate from './0.4/strict_plate.schema.json';
import v04StrictWell from './0.4/strict_well.schema.json';
import v04Well from './0.4/well.schema.json';
import v05Version from './0.5/_version.schema.json';
import v05Bf2raw from './0.5/bf2raw.schema.json';
import v05Image from './0.5/image.schema.json';
import v05Label from './0.5/label.schema.json';
import v05Ome from './0.5/ome.schema.json';
import v05OmeZarr from './0.5/ome_zarr.schema.json';
import v05Plate from './0.5/plate.schema.json';
import v05StrictImage from './0.5/strict_image.schema.json';
import v05StrictLabel from './0.5/strict_label.schema.json';
import v05StrictPlate from './0.5/strict_plate.schema.json';
import v05StrictWell from './0.5/strict_well.schema.json';
import v05Well from './0.5/well.schema.json';
import v06devVersion from './0.6-dev/_version.schema.json';
import v06devAxes from './0.6-dev/axes.schema.json';
import v06devBf2raw from './0.6-dev/bf2raw.schema.json';
import v06devCoordinateSystems from './0.6-dev/coordinate_systems.schema.json';
import v06devCoordinateTransformations from './0.6-dev/coordinate_transformations.schema.json';
import v06devImage from './0.6-dev/image.schema.json';
import v06devLabel from './0.6-dev/label.schema.json';
import v06devOme from './0.6-dev/ome.schema.json';
import v06devOmeZarr from './0.6-dev/ome_zarr.schema.json';
import v06devPlate from './0.6-dev/plate.schema.json';
import v06devScene from './0.6-dev/scene.schema.json';
import v06devStrictAxes from './0.6-dev/strict_axes.schema.json';
import v06devStrictCoordinateSystems from './0.6-dev/strict_coordinate_systems.schema.json';
import v06devStrictImage from './0.6-dev/strict_image.schema.json';
import v06devStrictLabel from './0.6-dev/strict_label.schema.json';
import v06devStrictOmeZarr from './0.6-dev/strict_ome_zarr.schema.json';
import v06devStrictPlate from './0.6-dev/strict_plate.schema.json';
import v06devStrictWell from './0.6-dev/strict_well.schema.json';
import v06devWell from './0.6-dev/well.schema.json';

/**
 * The JSON schemas of the OME-Zarr specification, unchanged (see ORIGIN.md). One table per version, by the schema's file name
 * without its ending. They are loaded by whoever judges metadata: never on the way to
 * a picture.
 */
export const SCHEMAS: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  '0.1': {
    image: v01Image,
    plate: v01Plate,
    strict_image: v01StrictImage,
    well: v01Well
  },
  '0.2': {
    image: v02Image,
    plate: v02Plate,
    well: v02Well
  },
  '0.3': {
    image: v03Image,
    plate: v03Plate,
    strict_image: v03StrictImage,
    well: v03Well
  },
  '0.4': {
    bf2raw: v04Bf2raw,
    image: v04Image,
    label: v04Label,
    ome: v04Ome,
    plate: v04Plate,
    strict_image: v04StrictImage,
    strict_label: v04StrictLabel,
    strict_plate: v04StrictPlate,
    strict_well: v04StrictWell,
    well: v04Well
  },
  '0.5': {
    _version: v05Version,
    bf2raw: v05Bf2raw,
    image: v05Image,
    label: v05Label,
    ome: v05Ome,
    ome_zarr: v05OmeZarr,
    plate: v05Plate,
    strict_image: v05StrictImage,
    strict_label: v05StrictLabel,
    strict_plate: v05StrictPlate,
    strict_well: v05StrictWell,
    well: v05Well
  },
  '0.6-dev': {
    _version: v06devVersion,
    axes: v06devAxes,
    bf2raw: v06devBf2raw,
    coordinate_systems: v06devCoordinateSystems,
    coordinate_transformations: v06devCoordinateTransformations,
    image: v06devImage,
    label: v06devLabel,
    ome: v06devOme,
    ome_zarr: v06devOmeZarr,
    plate: v06devPlate,
    scene: v06devScene,
    strict_axes: v06devStrictAxes,
    strict_coordinate_systems: v06devStrictCoordinateSystems,
    strict_image: v06devStrictImage,
    strict_label: v06devStrictLabel,
    strict_ome_zarr: v06devStrictOmeZarr,
    strict_plate: v06devStrictPlate,
    strict_well: v06devStrictWell,
    well: v06devWell
  }
};
