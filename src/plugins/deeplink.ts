import type { ISelection } from '../entities';
import { readSelection } from '../entities';
import { IMAGE_NAME } from './imagefiles';

/** Name of the parameter with the address or accession, and of the one with the view. */
export const TARGET = 'bioimage';
export const VIEW = 'view';

/** Longest target and view that are looked at, in UTF-16 units. */
const LENGTH = 2048;

/** What a link asks for. `ignored` names the parameters that were not valid. */
export interface IDeepLink {
  /** Image to open, or the page of an archive that names one. */
  uri?: string;
  /** What to open in the panel: an accession or a DOI. */
  query?: string;
  selection?: ISelection;
  ignored: readonly string[];
}

/**
 * Letters, digits and the marks that accessions of the archives use, after up to two prefixes (`idr:image:1`). What begins
 * like an address is none.
 */
const ACCESSION =
  /^(?!(?:https?|s3|store|file|data|blob|javascript|vbscript):)(?:[A-Za-z0-9][A-Za-z0-9._-]{0,63}:){0,2}[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/i;
/** ISO 26324: a prefix of the directory 10 and a suffix; here without blanks. */
const DOI = /^10\.\d{4,9}\/[^\s\\]{1,200}$/;
/** The same as an address of the resolver. */
const DOI_ADDRESS = /^https:\/\/(?:dx\.|www\.)?doi\.org\/10\.\d{4,9}(?:\/|%2F)[^\s\\]{1,200}$/i;
// eslint-disable-next-line no-control-regex -- refusing control characters is what this pattern is for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** True for an address that may be opened: known schemes with something behind them, or a relative path that stays inside. */
function isAddress(target: string): boolean {
  if (/^(https|s3):\/\/[^/\\@\s]+\/./i.test(target)) {
    return true;
  }
  if (/^store:[^/:]+\/[^/]/.test(target)) {
    return true;
  }
  const path = !/^[a-z][a-z0-9+.-]*:/i.test(target) && !/^[/\\]/.test(target) && !target.includes('\\');
  return path && !target.split('/').includes('..') && (target.includes('/') || IMAGE_NAME.test(target));
}

/** Reads the link out of a page's query string; `null` where there is none in it. */
export function readDeepLink(search: string): IDeepLink | null {
  const parameters = new URLSearchParams(search);
  const target = parameters.get(TARGET);
  if (target === null) {
    return null;
  }
  const known = target.length <= LENGTH && !CONTROL.test(target);
  const isDoi = DOI.test(target) || DOI_ADDRESS.test(target);
  const isName = ACCESSION.test(target) && !IMAGE_NAME.test(target);
  if (known && !isDoi && !isName && isAddress(target)) {
    return { uri: target, ...readView(parameters.get(VIEW)) };
  }
  return known && (isName || isDoi) ? { query: target, ignored: [] } : { ignored: [TARGET] };
}

function readView(view: string | null): Pick<IDeepLink, 'selection' | 'ignored'> {
  if (view === null) {
    return { ignored: [] };
  }
  try {
    if (view.length <= LENGTH) {
      return { selection: readSelection(JSON.parse(view)), ignored: [] };
    }
  } catch {
    // Neither JSON nor a selection: the caller says that it was ignored, and the image opens as it is by itself.
  }
  return { ignored: [VIEW] };
}

/** The query string without the parameters of a link; every other one stays as it was written. */
export function withoutDeepLink(search: string): string {
  const kept = search
    .replace(/^\?/, '')
    .split('&')
    .filter(part => part !== '' && ![TARGET, VIEW].includes(decodeName(part)));
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

function decodeName(part: string): string {
  return [...new URLSearchParams(part).keys()][0] ?? '';
}

/** The link that shows an image again: `lab` is the absolute address of the application. */
export function makeDeepLink(lab: string, uri: string, selection: ISelection = {}): string {
  const parameters = new URLSearchParams({ [TARGET]: uri });
  if (Object.keys(selection).length > 0) {
    parameters.set(VIEW, JSON.stringify(selection));
  }
  return `${lab}?${parameters.toString()}`;
}
