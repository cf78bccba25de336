import { doiAddress } from '../../catalogue';

/** Characters of an address that can be a link; longer ones are no addresses of pages. */
const MAX_LINK = 2048;
/** Registrant of four to nine digits, then anything without blanks, quotes or angle brackets (ISO 26324). */
const DOI = /^10\.\d{4,9}(?:\.\d+)*\/[^\s"'<>]{1,400}$/;
const ORCID = /^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$/;
/** Base64 of a picture of at most 512 kB, in a format that carries no script and loads nothing. */
const PICTURE = /^data:image\/(?:jpeg|png|webp);base64,[A-Za-z0-9+/]+={0,2}$/;
const MAX_PICTURE = 700_000;

/**
 * An address from data as a link may carry it: `https:`, without user or password, and not of this site, where following
 * a link could act in the person's name. `undefined` for anything else.
 */
export function safeLink(address: string | null | undefined): string | undefined {
  const text = address?.trim() ?? '';
  const url = text.length <= MAX_LINK && /^https:\/\//i.test(text) ? parsed(text) : undefined;
  if (url === undefined) {
    return undefined;
  }
  const { protocol, username, password, host, hostname, href } = url;
  const isOwn = typeof location !== 'undefined' && (host === location.host || hostname === location.hostname);
  return protocol === 'https:' && username === '' && password === '' && !isOwn ? href : undefined;
}

/** The address taken apart, where it is one: the only thing that the constructor can fail for. */
function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** The address that resolves a bare DOI; `undefined` where it is none. */
export function doiLink(doi: string | undefined): string | undefined {
  return doi !== undefined && DOI.test(doi) ? doiAddress(doi) : undefined;
}

/** The page of a person by their ORCID iD; `undefined` where it is none. */
export function orcidLink(orcid: string | undefined): string | undefined {
  return orcid !== undefined && ORCID.test(orcid) ? `https://orcid.org/${orcid}` : undefined;
}

/** The page of an article in PubMed by its number. */
export function pubmedLink(pubmed: string | undefined): string | undefined {
  return pubmed !== undefined && /^\d{1,9}$/.test(pubmed) ? `https://pubmed.ncbi.nlm.nih.gov/${pubmed}/` : undefined;
}

/** A `data:` picture that may be drawn as it is: JPEG, PNG or WebP of at most 512 kB. */
export function safePicture(address: string | undefined): string | undefined {
  return address !== undefined && address.length <= MAX_PICTURE && PICTURE.test(address) ? address : undefined;
}
