import { saidTogether, say } from '../core';
import type { TiffFile } from './file';
import { pagesImage, readPages, type IPageFormat } from './pages';
import { reduces, type IContents, type IFound, type IPlan } from './plan';

/** `MPP = 0.4990` of the description: micrometres per pixel. */
function pixelSize(description: string): IPlan['physical'] {
  const value = Number(/\|\s*MPP\s*=\s*([\d.]+)/.exec(description)?.[1]);
  const size = { value, unit: 'micrometer' };
  return value > 0 ? { x: size, y: size } : {};
}

/** Aperio names its pictures in the second line of their descriptions, or leaves the thumbnail without a name. */
async function pictureName({ directory, index }: IPageFormat, signal?: AbortSignal): Promise<string> {
  const bytes = await directory.raw(270, 64 * 1024, signal);
  const text = new TextDecoder('latin1').decode(bytes).toLowerCase();
  return text.includes('label ') ? 'label' : text.includes('macro ') ? 'macro' : index === 1 ? 'thumbnail' : '';
}

/**
 * A slide of Aperio's scanners (.svs): the tiled directories are the levels of the slide, those in strips are pictures
 * beside it, given as further images.
 */
export async function readAperio(file: TiffFile, description: string, signal?: AbortSignal): Promise<IContents> {
  const { pages, notices } = await readPages(file, signal);
  const levels: IPageFormat[] = [];
  const beside: IPageFormat[] = [];
  for (const page of pages) {
    const last = levels.at(-1);
    const isLevel = last ? page.format.tile !== null && reduces(last.format, page.format) : true;
    (isLevel ? levels : beside).push(page);
  }
  const pictures = await Promise.all(
    beside.map(async (page): Promise<IFound> => {
      const name = await pictureName(page, signal);
      return pagesImage(file, [[page]], { name, physical: {} });
    })
  );
  const names = pictures.map(({ name }, i) => say`${name || say`a picture`} (/${i + 1})`);
  const note = names.length > 0 ? [say`The file also holds ${saidTogether(names, ', ')}.`] : [];
  const slide = pagesImage(
    file,
    levels.map(page => [page]),
    { name: '', physical: pixelSize(description), notices: [...notices, ...note] }
  );
  return { images: [slide, ...pictures], mainFirst: true, notices: [] };
}
