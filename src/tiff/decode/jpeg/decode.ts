import { BioImageError, say } from '../../../core';
import type { Said } from '../../../core';
import { damaged } from '../unpack';
import { enlarged, toRgb } from './colour';
import { emptyTables, readFrame, readHuffman, readSteps, type IFrame, type ITables } from './frame';
import { decodeScan, finishBlock } from './scan';

/** What is known of a picture before it is decoded. */
export interface IJpegWish {
  readonly columns: number;
  readonly rows: number;
  /** Rows of the picture at most: a last strip may be as high as the others, and what is too much is left out. */
  readonly mostRows: number;
  /** Values of a pixel. */
  readonly samples: number;
  /** Photometric interpretation of the TIFF directory: 2 RGB, 6 YCbCr. */
  readonly photometric: number;
  /** Tables that are left out of the picture. */
  readonly tables?: Uint8Array;
}

/** Scans of a progressive picture; encoders write about ten. */
const MAX_SCANS = 100;

/** Frames that are not decoded: by their marker (T.81, table B.1). */
const OTHER_FRAMES: Readonly<Record<number, Said>> = {
  0xc3: say`lossless JPEG`,
  0xc5: say`hierarchical JPEG`,
  0xc6: say`hierarchical JPEG`,
  0xc7: say`hierarchical JPEG`,
  0xc9: say`JPEG with arithmetic coding`,
  0xca: say`JPEG with arithmetic coding`,
  0xcb: say`JPEG with arithmetic coding`,
  0xcd: say`JPEG with arithmetic coding`,
  0xce: say`JPEG with arithmetic coding`,
  0xcf: say`JPEG with arithmetic coding`,
  0xf7: say`JPEG-LS`
};

/**
 * Decodes one baseline or progressive JPEG picture of 8 bits (ITU-T T.81) to rows of interleaved values, `rows` × `columns`
 * × `samples`; what the picture does not cover is 0. Own code, because it must give the same values as libjpeg, which is
 * what the writers' tools show, and never hold more than the unit it is for.
 *
 * @throws BAD_CHUNK, UNSUPPORTED
 */
export function decodeJpeg(data: Uint8Array, wish: IJpegWish): Uint8Array {
  const tables = emptyTables();
  if (wish.tables) {
    readMarkers(wish.tables, tables, wish);
  }
  const frame = readMarkers(data, tables, wish);
  if (!frame) {
    throw damaged(say`its JPEG data has no picture`);
  }
  if (frame.progressive) {
    for (const component of frame.components) {
      for (let block = 0; block < component.stride * component.height; block++) {
        finishBlock(component, component.coefficients, block * 64, block);
      }
    }
  }
  return interleaved(frame, tables, wish);
}

/** Follows the markers to the end of the picture; the frame, where there was one and a scan of it. */
function readMarkers(data: Uint8Array, tables: ITables, wish: IJpegWish): IFrame | undefined {
  let frame: IFrame | undefined;
  let scans = 0;
  for (let at = 0; at + 1 < data.length;) {
    if (data[at] !== 0xff) {
      at += 1; // between segments nothing else than fill bytes should stand
      continue;
    }
    const marker = data[at + 1];
    at += marker === 0xff ? 1 : 2;
    if (marker === 0xd9) {
      break;
    }
    // Fill bytes, stuffed bytes, start of image, restart markers: no segment follows.
    if (marker === 0xff || marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      continue;
    }
    const length = (data[at] << 8) | data[at + 1];
    const segment = data.subarray(at + 2, at + length);
    if (length < 2 || segment.length !== length - 2) {
      throw damaged(say`its JPEG data is cut off`);
    }
    at += length;
    if (marker === 0xda) {
      scans += 1;
      if (!frame || scans > MAX_SCANS) {
        throw damaged(frame ? say`its JPEG data has too many scans` : say`its JPEG data has no frame`);
      }
      at = decodeScan(data, at, segment, frame, tables);
    } else if (marker >= 0xc0 && marker <= 0xc2) {
      if (frame) {
        throw damaged(say`its JPEG data has two frames`);
      }
      frame = readFrame(segment, marker === 0xc2, { ...wish, rows: wish.mostRows });
    } else {
      readTables(marker, segment, tables);
    }
  }
  return scans > 0 ? frame : undefined;
}

function readTables(marker: number, segment: Uint8Array, tables: ITables): void {
  const starts = (text: string): boolean => Array.from(text).every((letter, i) => segment[i] === letter.charCodeAt(0));
  if (Object.hasOwn(OTHER_FRAMES, marker)) {
    throw new BioImageError('UNSUPPORTED', say`This format is not supported: TIFF with ${OTHER_FRAMES[marker]}.`);
  }
  switch (marker) {
    case 0xdb:
      readSteps(segment, tables);
      return;
    case 0xc4:
      readHuffman(segment, tables);
      return;
    case 0xdd:
      tables.restart = (segment[0] << 8) | segment[1];
      return;
    case 0xe0:
      tables.jfif ||= starts('JFIF');
      return;
    case 0xee:
      tables.adobe = starts('Adobe') && segment.length >= 12 ? segment[11] : tables.adobe;
      return;
    default:
  }
}

/**
 * Whether three components are luma and chroma. TIFF says so by its photometric interpretation; where that says RGB, only a
 * JFIF marker contradicts it (Aperio's files have none, and mean it).
 */
function isYcc(frame: IFrame, { jfif, adobe }: ITables, { photometric, samples }: IJpegWish): boolean {
  if (samples !== 3) {
    return false;
  }
  const named = frame.components.map(({ id }) => String.fromCharCode(id)).join('') === 'RGB';
  return photometric === 6 ? jfif || (adobe !== 0 && !named) : photometric === 2 && jfif;
}

function interleaved(frame: IFrame, tables: ITables, wish: IJpegWish): Uint8Array {
  const { columns, rows, samples } = wish;
  const out = new Uint8ClampedArray(rows * columns * samples);
  const sources = frame.components.map(component => enlarged(component, frame));
  const convert = isYcc(frame, tables, wish);
  for (let y = 0; y < Math.min(frame.height, rows); y++) {
    const lines = sources.map(source => source(y));
    const at = y * columns * samples;
    if (convert) {
      toRgb(lines, frame.width, out, at);
      continue;
    }
    lines.forEach((line, sample) => {
      for (let x = 0, to = at + sample; x < frame.width; x++, to += samples) {
        out[to] = line[x];
      }
    });
  }
  return new Uint8Array(out.buffer);
}
