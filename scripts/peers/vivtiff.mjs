// A minimal page around Viv's published loaders of TIFF files and its viewer, following Avivator's path: OME-TIFF, else a
// plain TIFF of one channel; the middle z, the first t, at most 4 channels; statistics of the coarsest level.
import React from 'react';
import { createRoot } from 'react-dom/client';
import * as viv from '@hms-dbmi/viv';

const PALETTE = [[0, 0, 255], [0, 255, 0], [255, 0, 255], [255, 255, 0]];

async function load(source) {
  try {
    const [{ data }] = await viv.loadOmeTiff(source, { images: 'all', pool: false });
    return data;
  } catch (error) {
    const { data } = await viv.loadMultiTiff([[{ c: 0, z: 0, t: 0 }, source]], { images: 'all', pool: false }).catch(() => {
      throw error;
    });
    return data;
  }
}

async function main() {
  const loaded = await load(new URLSearchParams(location.search).get('source'));
  const data = Array.isArray(loaded) ? loaded : [loaded];
  const { labels, shape } = data[0];
  const length = name => (labels.includes(name) ? shape[labels.indexOf(name)] : 1);
  const place = { z: Math.floor(length('z') / 2), t: 0 };
  const selections = Array.from({ length: Math.min(4, length('c')) }, (_, c) => ({ c, ...place }));
  const rasters = await Promise.all(selections.map(selection => data.at(-1).getRaster({ selection })));
  const contrastLimits = rasters.map(raster => {
    const stats = viv.getChannelStats(raster.data);
    return stats.contrastLimits[0] === stats.contrastLimits[1] ? stats.domain : stats.contrastLimits;
  });
  const colors = selections.length === 1 ? [[255, 255, 255]] : PALETTE.slice(0, selections.length);
  createRoot(document.querySelector('#root')).render(
    React.createElement(viv.PictureInPictureViewer, {
      loader: data, selections, colors, contrastLimits, channelsVisible: selections.map(() => true),
      width: innerWidth, height: innerHeight, overviewOn: false, overview: {}, snapScaleBar: true
    })
  );
}

main().catch(error => {
  console.error(String(error.message ?? error));
});
