// deck.gl, luma.gl and their companions check and set globals (`globalThis.deck`, …) and throw when another version has been
// there first. While bundling, these seven names are redirected to one private object, so that our copy neither sees nor
// disturbs any other on the page, whichever comes first.
const path = require('path');

const NAMES = /\bglobalThis\.(deck|luma|loaders|probe|Probe|mathgl|_loadersgl_)\b/g;
const DESTRUCTURED = /\{ loaders \} = globalThis\b/g;
const REALM = JSON.stringify(path.resolve(__dirname, '../lib/viewer/realm.js'));

module.exports = function privateGlobals(source) {
  const out = source.replace(NAMES, '__realm.$1').replace(DESTRUCTURED, '{ loaders } = __realm');
  return out === source ? source : `import __realm from ${REALM};\n${out}`;
};
