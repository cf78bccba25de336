/** Code page 437 above ASCII, for names that are not said to be UTF-8 (APPNOTE D.1). */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ';

/**
 * The name as a key. Without the mark for UTF-8 it is taken for UTF-8 where it is valid as such, for some writers (of macOS)
 * leave the mark out; `dos`: old writers of Windows put backslashes between folders.
 */
export function nameOf(raw: Uint8Array, utf8: boolean, dos: boolean): string {
  const text = decoded(raw, utf8);
  const slashed = dos && !text.includes('/') ? text.replaceAll('\\', '/') : text;
  return slashed.replace(/^(\.\/)+/, '');
}

function decoded(raw: Uint8Array, utf8: boolean): string {
  if (raw.every(byte => byte < 0x80)) {
    return String.fromCharCode(...raw.subarray(0, 8192));
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(raw);
  return utf8 || !text.includes('\ufffd')
    ? text
    : Array.from(raw, byte => (byte < 0x80 ? String.fromCharCode(byte) : CP437[byte - 0x80])).join('');
}
