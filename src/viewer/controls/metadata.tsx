import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { cleanText, formatQuantity, localised } from '../../core';
import type { IComplaint, IImage, ILevel } from '../../ngff';
import { ITEM_BYTES } from '../../ngff';
import { formatBytes } from '../stage/bytes';
import { ComplaintBadge, Specification } from './specification';

/** Axis names and units are cut here, in characters. */
const SHORT = 40;

/** Bytes of a whole level, uncompressed. */
export function levelBytes({ array }: ILevel): number {
  return array.shape.reduce((product, size) => product * size, ITEM_BYTES[array.dtype]);
}

function axisText(image: IImage, i: number): string {
  const { name, unit } = image.axes[i];
  const { scale, array } = image.levels[0];
  const size = `${cleanText(name, SHORT)} ${array.shape[i]}`;
  return unit && Number.isFinite(scale[i])
    ? `${size} × ${cleanText(formatQuantity(scale[i], unit), SHORT)}`
    : size;
}

/** A format is a name, no text to translate. */
function formatText({ version, zarrFormat }: IImage): string {
  if (zarrFormat === 0) {
    return version ? `TIFF (${cleanText(version, SHORT)})` : 'TIFF';
  }
  return version ? `OME-Zarr ${cleanText(version, SHORT)} (Zarr ${zarrFormat})` : `Zarr ${zarrFormat}`;
}

/** What the metadata say, in short. */
export function Metadata(props: {
  image: IImage;
  route: string;
  uri: string;
  /** What it is called where it was found, for an image that has no name of its own. */
  name?: string;
  /** What the specification says against them. */
  complaints?: readonly IComplaint[];
  trans: TranslationBundle;
}): React.ReactElement {
  const { image, route, uri, name = '', complaints = [], trans } = props;
  const { array } = image.levels[0];
  const rows: [string, string][] = [
    [trans.__('Name'), cleanText(image.name) || cleanText(name) || '–'],
    [trans.__('Address'), cleanText(uri, 2000)],
    [trans.__('Read'), route],
    [trans.__('Format'), formatText(image)],
    [trans.__('Axes'), image.axes.map((_, i) => axisText(image, i)).join(', ')],
    [trans.__('Data type'), array.dtype],
    [trans.__('Chunk'), array.chunks.join(' × ') + (array.shard ? trans.__(' in shards of %1', array.shard.shape.join(' × ')) : '')],
    [trans.__('Compression'), array.codecs.map(codec => cleanText(codec, SHORT)).join(', ') || trans.__('none')],
    ...(array.decodedBy === 'server' ? [[trans.__('Decoded'), trans.__('by the server, without loss')] as [string, string]] : [])
  ];
  return (
    <details className="jp-BioImagePreview-group">
      <summary>
        {trans.__('Metadata')} <ComplaintBadge items={complaints} trans={trans} />
      </summary>
      <dl className="jp-BioImagePreview-facts">
        {rows.map(([name, text]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </React.Fragment>
        ))}
      </dl>
      <LevelTable image={image} trans={trans} />
      {image.notices.length > 0 && (
        <ul className="jp-BioImagePreview-notices" aria-label={trans.__('Notices')}>
          {image.notices.map((notice, i) => (
            <li key={i}>{cleanText(localised(trans, notice))}</li>
          ))}
        </ul>
      )}
      <Specification items={complaints} trans={trans} />
    </details>
  );
}

function LevelTable({ image, trans }: { image: IImage; trans: TranslationBundle }): React.ReactElement {
  return (
    <table className="jp-BioImagePreview-levels">
      <thead>
        <tr>
          <th scope="col">{trans.__('Level')}</th>
          <th scope="col">{trans.__('Shape')}</th>
          <th scope="col">{trans.__('Bytes')}</th>
        </tr>
      </thead>
      <tbody>
        {image.levels.map(level => (
          <tr key={level.index}>
            <td title={cleanText(level.path)}>{level.index}</td>
            <td>{level.array.shape.join(' × ')}</td>
            <td>{formatBytes(levelBytes(level))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
