/**
 * Stands in for `globalThis` in deck.gl, luma.gl and their companions (see `build/private-globals.cjs`), so that any other
 * copy of them on the page, older or newer, keeps working and ours too.
 */
const realm: Record<string, unknown> = {};
export default realm;
