import type { ILicence } from '../entities';
import { httpsOf, textOf } from './fields';

/** Parts that a Creative Commons licence may add to `BY`, in the order in which they are written. */
const PARTS = ['NC', 'SA', 'ND'] as const;

/** Hosts and paths of Creative Commons' own pages: `licenses/by-nc/4.0/…`, `publicdomain/zero/1.0/…`. */
const DEED = /creativecommons\.org\/(?:licenses\/(by(?:-(?:nc|sa|nd))*)|publicdomain\/(zero))(?:\/(\d\.\d))?/i;
/** `CC BY-NC-SA 4.0`, `CC-BY 4.0`, `CC_BY_4.0`, `cc by`, `CC BY-NC SA`. */
const CODE = /\bCC[-_ ]?(BY(?:[-_ ](?:NC|SA|ND))*)(?:[-_ ]*v?(\d\.\d))?/i;
/** `CC0`, `CC 0 1.0`, `CC Zero`, and the deed spelled out. */
const ZERO = /\bCC[-_ ]?(?:0|zero)\b|\bCreative Commons (?:Public Domain Dedication|Zero)\b/i;
/** `Attribution-NonCommercial 4.0 International`: the version makes it a name, and not a word of a sentence. */
const WORDS = /\bAttribution((?:[- ](?:Non-?Commercial|Share-?Alike|No-?Deriv(?:ative)?s))*)[ ,]*v?(\d\.\d)/i;

/** Newest version of CC0, and the one meant where none is named. */
const ZERO_VERSION = '1.0';

function attribution(parts: readonly string[], version: string | undefined): ILicence {
  const code = ['BY', ...PARTS.filter(part => parts.includes(part))].join('-');
  return {
    text: version === undefined ? `CC ${code}` : `CC ${code} ${version}`,
    // Without a version there is no deed to link: the licences differ.
    ...(version === undefined ? {} : { url: `https://creativecommons.org/licenses/${code.toLowerCase()}/${version}/` })
  };
}

const ZERO_LICENCE: ILicence = {
  text: `CC0 ${ZERO_VERSION}`,
  url: `https://creativecommons.org/publicdomain/zero/${ZERO_VERSION}/`
};

/** The Creative Commons licence that a text names, in one spelling; `undefined` where it names none. */
function creativeCommons(text: string): ILicence | undefined {
  const deed = DEED.exec(text);
  if (deed !== null) {
    const by = deed[1] as string | undefined;
    return by === undefined ? ZERO_LICENCE : attribution(by.toUpperCase().split('-'), deed[3]);
  }
  const code = CODE.exec(text);
  if (code !== null) {
    return attribution(code[1].toUpperCase().split(/[-_ ]/), code[2]);
  }
  if (ZERO.test(text)) {
    return ZERO_LICENCE;
  }
  const words = WORDS.exec(text);
  if (words !== null) {
    const said = words[1].toUpperCase().replace(/[^A-Z]/g, '');
    const parts = [
      ...(said.includes('NONCOMMERCIAL') ? ['NC'] : []),
      ...(said.includes('SHAREALIKE') ? ['SA'] : []),
      ...(said.includes('NODERIV') ? ['ND'] : [])
    ];
    return attribution(parts, words[2]);
  }
  return undefined;
}

/**
 * The licence that an archive writes in one of many ways (`CC-BY 4.0`, `CC0`, the address of a deed, a text and an address
 * in one): in the usual spelling with the address of the deed, so that equal licences are equal texts. Any other licence
 * keeps its words; `url` is what the archive links, and is taken only where it is `https:`.
 */
export function licenceOf(value: unknown, url?: unknown): ILicence | undefined {
  const text = textOf(value);
  const link = httpsOf(url);
  const known = creativeCommons(text ?? '') ?? creativeCommons(link ?? '');
  if (known !== undefined) {
    const better = known.url === undefined && link !== undefined ? creativeCommons(link) : undefined;
    return better?.url === undefined ? known : better;
  }
  if (text === undefined) {
    return link === undefined ? undefined : { text: link, url: link };
  }
  const inside = link ?? httpsOf(/https:\/\/[^\s<>"']+/.exec(text)?.[0]);
  return { text, ...(inside === undefined ? {} : { url: inside }) };
}
