// What pages and S3 errors start with. Chunks of pixels could start with four such bytes, hardly with 256 bytes of text.
const MARKUP = /^(?:<!doctype|<html|<\?xml|<error|<head|<body|<!--)/i;
const LOOKED_AT = 256; // bytes

/** True where `bytes` are the beginning of an HTML or XML text: a login page, a proxy's error, an S3 error with status 200. */
export function looksLikeMarkup(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, LOOKED_AT);
  if (head.some(byte => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) {
    return false;
  }
  const text = new TextDecoder('utf-8').decode(head); // takes a byte order mark away
  return MARKUP.test(text.trimStart());
}
