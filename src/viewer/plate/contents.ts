import { cleanText } from '../../core';
import type { IPlate, IWell } from '../../ngff';
import type { IContent, IContentOptions } from '../content';
import { plateBoard, wellBoard } from './cells';
import { PicturesContent } from './content';
import { eitherSource, lateSource, sessionSource } from './source';
import type { PictureSource } from './source';

/** A plate: one picture for each of its wells. */
export function plateContent(plate: IPlate, place: IContentOptions): IContent {
  const { trans } = place.host;
  const { opened } = place;
  const reading = lateSource(async () => (await import('./reading')).plateReading(plate, { opened }));
  return new PicturesContent({
    place,
    board: plateBoard(plate),
    source: withSession(reading, place, opened.place),
    label: trans.__('Wells of the plate %1', cleanText(plate.name)).trim(),
    empty: trans.__('This plate names no wells. Check its metadata, or open a well by its own address.'),
    progress: (done, all) => trans.__('%1 of %2 wells', done, all),
    acquisitions: plate.acquisitions,
    fieldCount: plate.fieldCount,
    facts: [
      ...(plate.name ? [[trans.__('Name'), cleanText(plate.name)] as const] : []),
      [trans.__('Plate'), trans.__('%1 rows × %2 columns', plate.rows.length, plate.columns.length)],
      [trans.__('Wells'), String(plate.wells.length)],
      ...(plate.acquisitions.length ? [[trans.__('Acquisitions'), String(plate.acquisitions.length)] as const] : []),
      [trans.__('Version'), cleanText(plate.version)]
    ],
    notices: plate.notices,
    open: ({ path, name }) => place.enter({ kind: 'well', path, name })
  });
}

/** A well of several fields: one picture for each. */
export function wellContent(well: IWell, place: IContentOptions): IContent {
  const { trans } = place.host;
  const { opened, plate } = place;
  const named = (index: number): string => trans.__('field %1', index + 1);
  const reading = lateSource(async () => (await import('./reading')).wellReading(well, { opened }));
  const ids = [...new Set(well.fields.flatMap(({ acquisition }) => acquisition ?? []))];
  return new PicturesContent({
    place,
    board: wellBoard(well, named),
    boardOf: acquisition => wellBoard(well, named, acquisition),
    source: plate ? withSession(reading, place, plate.place) : reading,
    label: trans.__('Fields of the well %1', cleanText(plate?.well ?? well.name)).trim(),
    empty: trans.__('This well names no fields. Check its metadata, or open an image by its own address.'),
    progress: (done, all) => trans.__('%1 of %2 fields', done, all),
    well: plate?.well ?? '',
    acquisitions: ids.map(id => ({ id, name: '' })),
    facts: [
      [trans.__('Fields'), String(well.fields.length)],
      [trans.__('Version'), cleanText(well.version)]
    ],
    notices: well.notices,
    open: ({ path, field }) => place.enter({ kind: 'field', path, name: '', field })
  });
}

/** Pictures made by the server, where it reads the plate; read and composed here where it does not. */
function withSession(reading: PictureSource, { opened, transport }: IContentOptions, at: IContentOptions['opened']['place']): PictureSource {
  const { store, key } = at;
  if (opened.route !== 'session' || !store || !transport?.plate) {
    return reading;
  }
  const plate: typeof transport.plate = (...args) => transport.plate!(...args);
  return eitherSource(sessionSource(plate, store.id, key), reading);
}
