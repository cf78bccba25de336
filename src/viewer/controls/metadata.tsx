import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { cleanText, formatQuantity } from '../../core';
import type { IImage, ILevel } from '../../ngff';
import { ITEM_BYTES } from '../../ngff';
import { formatBytes } from '../stage/bytes';

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

/** What the metadata say, in short. */
export function Metadata(props: {
  image: IImage;
  route: string;
  uri: string;
  /** What it is called where it was found, for an image that has no name of its own. */
  name?: string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { image, route, uri, name = '', trans } = props;
  const { array } = image.levels[0];
  const rows: [string, string][] = [
    [trans.__('Name'), cleanText(image.name) || cleanText(name) || '–'],
    [trans.__('Address'), cleanText(uri, 2000)],
    [trans.__('Read'), route],
    [trans.__('Format'), `OME-Zarr ${cleanText(image.version, SHORT)} (Zarr ${image.zarrFormat})`],
    [trans.__('Axes'), image.axes.map((_, i) => axisText(image, i)).join(', ')],
    [trans.__('Data type'), array.dtype],
    [trans.__('Chunk'), array.chunks.join(' × ') + (array.shard ? trans.__(' in shards of %1', array.shard.shape.join(' × ')) : '')],
    [trans.__('Compression'), array.codecs.join(', ') || trans.__('none')]
  ];
  return (
    <details className="jp-BioImagePreview-group">
      <summary>{trans.__('Metadata')}</summary>
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
            <li key={i}>{cleanText(notice)}</li>
          ))}
        </ul>
      )}
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
